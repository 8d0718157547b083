/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule about opcodes, names, the stack and the memo, a row each; the
 * imports are those that at least one loader looks up. */
#include "unit/pickle_run.h"

#define MAL VERDICT_MALICIOUS
#define SUS VERDICT_SUSPICIOUS
#define UNV VERDICT_UNVERIFIED
#define UNK VERDICT_UNKNOWN
#define CLN VERDICT_CLEAN

static const struct run_row rows[] = {
	/* data */
	{ "nothing but data is clean", BYTES("\x80\x04N."), CLN, NULL, "" },
	{ "every kind of number",
	    BYTES("\x80\x02(I1\nI00\nL5L\nF1.5\nK\x01M\1\0J\1\0\0\0"
		  "G\0\0\0\0\0\0\0\0\x8a\x02\1\2\x8b\x01\0\0\0\1\x88\x89Nt."),
	    CLN, NULL, "" },
	{ "every kind of string",
	    BYTES("\x80\x05(S'a'\nS\"a\"\nT\1\0\0\0aU\1aV\\u0061\nX\1\0\0\0a"
		  "\x8c\1a\x8d\1\0\0\0\0\0\0\0aB\1\0\0\0aC\1a"
		  "\x8e\1\0\0\0\0\0\0\0a\x96\1\0\0\0\0\0\0\0at."),
	    CLN, NULL, "" },
	{ "every kind of container",
	    BYTES("\x80\x04(](NNl(NNd}NNs}(NNu]Na](NNe\x8f(N\x90(N\x91)N\x85"
		  "NN\x86NNN\x87t."),
	    CLN, NULL, "" },
	/* sinks */
	{ "REDUCE calls", BYTES("cos\nsystem\n(S'x'\ntR."), MAL,
	    "pickle.import.dangerous", "os.system=call" },
	{ "an import that is popped counts", BYTES("cos\nsystem\n0N."), MAL,
	    NULL, "os.system=import" },
	{ "OBJ calls, and POP does not undo it",
	    BYTES("(cos\nsystem\nS'x'\no0N."), MAL, NULL, "os.system=call" },
	{ "INST calls", BYTES("(S'x'\nios\nsystem\n."), MAL, NULL,
	    "os.system=call" },
	{ "INST without a mark is looked up first", BYTES("ios\nsystem\n."),
	    MAL, "pickle.broken", "os.system=import" },
	{ "NEWOBJ constructs",
	    BYTES("\x80\x02"
		  "cm\nC\n)\x81."),
	    UNK, NULL, "m.C=construct" },
	{ "NEWOBJ_EX constructs",
	    BYTES("\x80\x04"
		  "cm\nC\n)}\x92."),
	    UNK, NULL, "m.C=construct" },
	{ "BUILD on something imported poisons it",
	    BYTES("\x80\x02"
		  "ccollections\nOrderedDict\n}S'a'\nNsb."),
	    MAL, "pickle.build.imported", "collections.OrderedDict=setstate" },
	{ "SETITEM on something imported",
	    BYTES("ccollections\nOrderedDict\nVa\nNs."), MAL,
	    "pickle.store.imported", NULL },
	{ "APPEND on something imported",
	    BYTES("ccollections\nOrderedDict\nNa."), MAL,
	    "pickle.store.imported", NULL },
	{ "ADDITEMS on something imported",
	    BYTES("ccollections\nOrderedDict\n(N\x90."), MAL,
	    "pickle.store.imported", NULL },
	{ "SETITEM on a tensor overwrites memory",
	    BYTES("ctorch._utils\n_rebuild_tensor_v2\n(tRVa\nNs."), MAL,
	    "pickle.store.tensor", NULL },
	{ "items of an object that was made here are honest",
	    BYTES("\x80\x02"
		  "ccollections\nOrderedDict\n)R(S'a'\nNu}b."),
	    CLN, NULL, "collections.OrderedDict=call" },
	{ "slots that change what an object is",
	    BYTES("\x80\x02"
		  "ccollections\nOrderedDict\n)RN}S'__class__'\nNs\x86"
		  "b."),
	    SUS, "pickle.build.slots", NULL },
	{ "the result of a data constructor is called",
	    BYTES("\x80\x02"
		  "ccollections\nOrderedDict\n)R)R."),
	    SUS, "pickle.call.result", NULL },
	{ "arguments that are a list: pickle.py unpacks them",
	    BYTES("cm\nf\n]R."), SUS, "pickle.call.odd", "m.f=call" },
	{ "arguments that are a string", BYTES("cm\nf\nX\1\0\0\0aR."), SUS,
	    "pickle.call.odd", "m.f=call" },
	{ "a string is called", BYTES("\x80\x02X\1\0\0\0a)R."), UNV,
	    "pickle.call.data", "" },
	/* names */
	{ "names of Python 2 are mapped", BYTES("ccommands\ngetoutput\n."), UNK,
	    NULL, "commands.getoutput=import" },
	{ "a carriage return stays in the name",
	    BYTES("\x80\x02"
		  "cos\r\nsystem\n."),
	    MAL, NULL, "os\r.system=import" },
	{ "a module that is not ASCII",
	    BYTES("\x80\x02"
		  "cm\xc3\xa9\nx\n."),
	    SUS, "pickle.import.suspect", "m\xc3\xa9.x=import" },
	{ "a name that is cut off by the end: its last byte is lost",
	    BYTES("cos\nsystemX"), MAL, "pickle.name.cut", "os.system=import" },
	{ "a module that is cut off by the end",
	    BYTES("\x80\x02"
		  "cmodX"),
	    SUS, "pickle.name.cut", "mod.=import" },
	{ "STRING escapes hide a name",
	    BYTES("S'\\x6fs'\nS's\\171stem'\n\x93."), MAL, NULL,
	    "os.system=import" },
	{ "UNICODE escapes hide a name",
	    BYTES("V\\u006fs\nV\\U00000073ystem\n\x93."), MAL, NULL,
	    "os.system=import" },
	{ "a doubled backslash is no escape",
	    BYTES("\x80\x02V\\\\u006fs\nVx\n\x93."), UNK, NULL,
	    "\\\\u006fs.x=import" },
	{ "operands in any string opcode",
	    BYTES("\x80\x04T\2\0\0\0osU\6system\x93."), MAL, NULL,
	    "os.system=import" },
	{ "operands through the memo",
	    BYTES("Vos\np2\n0Vsystem\np3\n0g2\ng3\n\x93."), MAL, NULL,
	    "os.system=import" },
	{ "operands copied from one place of the memo to another",
	    BYTES("\x80\x04\x8c\2os\x94\x30\x8c\6system\x94\x30h\0q\5"
		  "0h\5h\1\x93."),
	    MAL, NULL, "os.system=import" },
	{ "operands with padding between them",
	    BYTES("\x80\x04\x8c\2os(NN1N0\x80\4\x95\0\0\0\0\0\0\0\0\x94"
		  "\x8c\6system2\x30\x93."),
	    MAL, NULL, "os.system=import" },
	{ "STACK_GLOBAL needs no PROTO", BYTES("\x8c\2os\x8c\6system\x93."),
	    MAL, NULL, "os.system=import" },
	{ "an operand that is computed",
	    BYTES("\x80\x04"
		  "cm\nf\n)R\x8c\6system\x93."),
	    MAL, "pickle.name.computed", "m.f=call" },
	{ "an operand that is bytes",
	    BYTES("\x80\4"
		  "C\2os\x8c\6system\x93."),
	    MAL, "pickle.name.computed", "" },
	{ "an operand that is a number", BYTES("\x80\4K\1\x8c\1x\x93."), MAL,
	    "pickle.name.computed", "" },
	{ "an attribute of a module through its name",
	    BYTES("\x80\4\x8c\4json\x8c\x0bloads.__x__\x93."), MAL, NULL,
	    "json.loads.__x__=import" },
	{ "sys.modules", BYTES("csys\nmodules\n."), MAL, NULL,
	    "sys.modules=import" },
	{ "an extension that nobody registered", BYTES("\x80\2\x82\1."), SUS,
	    "pickle.extension", "" },
	{ "an extension that the stream itself registers",
	    BYTES("\x80\2"
		  "ccopyreg\nadd_extension\n(X\2\0\0\0osX\6\0\0\0systemK\1tR"
		  "0\x82\1)R."),
	    MAL, NULL, "copyreg.add_extension=call os.system=call" },
	{ "an extension below 1 ends it", BYTES("\x80\2N\x84\0\0\0\0."), UNV,
	    "pickle.broken", "" },
	/* arguments as no pickler writes them */
	{ "INT in hexadecimal", BYTES("I0x10\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "INT with an underscore", BYTES("I1_0\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "INT behind a NUL", BYTES("I5\0junk\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "INT in octal", BYTES("I010\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "LONG in hexadecimal", BYTES("L0x1L\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "FLOAT with blanks, which only pickle.py takes",
	    BYTES("F 1.5 \n0cos\nsystem\n."), MAL, "pickle.argument.odd",
	    "os.system=import" },
	{ "GET with a sign", BYTES("Np1\n0g+1\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "PUT with a blank", BYTES("Np 7\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "PUT with a text, which Python 2 takes",
	    BYTES("\x80\2Npx\n0gx\n0cos\nsystem\n."), MAL,
	    "pickle.argument.odd", "os.system=import" },
	{ "STRING with something behind its quote",
	    BYTES("S'a' \n0cos\nsystem\n."), MAL, "pickle.argument.odd",
	    "os.system=import" },
	{ "STRING that is no ASCII", BYTES("S'\\xff'\n0cos\nsystem\n."), MAL,
	    NULL, "os.system=import" },
	{ "a length that C once read without its sign",
	    BYTES("\x80\2T\xff\xff\xff\xff"
		  "a."),
	    CLN, NULL, "" },
	/* the memo */
	{ "MEMOIZE counts keys, whatever they are",
	    BYTES("\x80\4\x8c\1aq\7\x30\x8c\2os\x94\x30\x8c\6systemh\1\x8c\1x"
		  "\x93."),
	    MAL, NULL, "os.x=import" },
	{ "a key that was never put ends it", BYTES("cos\nsystem\n0h\7."), MAL,
	    "pickle.broken", "os.system=import" },
	{ "a hole that no pickler leaves", BYTES("\x80\2Nr\x40\x42\x0f\0."),
	    SUS, "pickle.memo.hole", "" },
	{ "an index that no memory holds", BYTES("Np2000000000\n."), SUS,
	    "pickle.memo.hole", "" },
	/* the stack */
	{ "POP takes a mark", BYTES("\x80\2(0N."), CLN, NULL, "" },
	{ "POP_MARK takes all above it", BYTES("\x80\2N(NN1."), CLN, NULL, "" },
	{ "Python 2 takes what is below a mark", BYTES("cos\nsystem\n()R."),
	    MAL, "pickle.stack.odd", "os.system=call" },
	{ "a mark stays where it was when a value is taken from below it",
	    BYTES("(lp0\nct\n1\n((lp3\natp3\nRp4\nacos\nsystem\n."), MAL,
	    "pickle.stack.odd", "t.1=call os.system=import" },
	{ "a mark that was put aside is a mark again to Python 2",
	    BYTES("(p0\n0g0\nN1cos\nsystem\n."), MAL, "pickle.stack.odd",
	    "os.system=import" },
	{ "a mark in a tuple is none any more to Python 2",
	    BYTES("(N(\x86tcos\nsystem\n."), MAL, "pickle.stack.odd",
	    "os.system=import" },
	{ "an empty stack ends it", BYTES("\x80\2cos\nsystem\n00R."), MAL,
	    "pickle.broken", "os.system=import" },
	{ "a mark that is missing ends it", BYTES("cos\nsystem\nt."), MAL,
	    "pickle.broken", "os.system=import" },
	/* broken streams */
	{ "an unknown opcode behind the payload",
	    BYTES("cos\nsystem\n(S'x'\ntR\xff"), MAL, "pickle.broken",
	    "os.system=call" },
	{ "no STOP", BYTES("cos\nsystem\n(S'x'\ntR"), MAL, NULL,
	    "os.system=call" },
	{ "a string longer than the file",
	    BYTES("cos\nsystem\n(S'x'\ntRX\xff\0\0\0x"), MAL, NULL,
	    "os.system=call" },
	{ "a string that is no UTF-8 does not end it",
	    BYTES("\x80\2X\1\0\0\0\xff\x30"
		  "cos\nsystem\n."),
	    MAL, NULL, "os.system=import" },
	{ "PROTO anywhere and again", BYTES("\x80\4N\x80\2."), SUS,
	    "pickle.protocol.again", "" },
	{ "a protocol that nobody has",
	    BYTES("\x80\x09"
		  "N."),
	    SUS, "pickle.protocol", "" },
	{ "an array that is out of band", BYTES("\x80\5\x97\x98."), UNV,
	    "pickle.buffer", "" },
	{ "a persistent name", BYTES("\x80\2X\1\0\0\0aQ."), UNK,
	    "pickle.persistent", "" },
	{ "a persistent name in text", BYTES("\x80\2Pa\n."), UNK,
	    "pickle.persistent", "" },
};

static void
each_rule_of_the_machine_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		run_row(&rows[i]);
}

static const struct {
	const char *bytes;
	size_t size;
} others[] = {
	{ BYTES("") },
	{ BYTES("\n") },
	{ BYTES("hello world\n") },
	{ BYTES("cat\ndog\nfish\n") },
	{ BYTES("id,name\n1,a\n") },
	{ BYTES("import os\nprint(1)\n") },
	{ BYTES("Version 1\nsomething\n") },
	{ BYTES("Paragraph\n.\nanother\n") },
	{ BYTES("(a, b)\n") },
	{ BYTES("{\"a\": 1}\n") },
	{ BYTES("[1, 2]\n") },
	/* words that begin with an opcode and go on with a module */
	{ BYTES("ios\nandroid\n") },
	{ BYTES("ios\nandroid") },
	{ BYTES("cos\nsin\ntan\n") },
	{ BYTES("cos\nsin") },
	{ BYTES("cos\nsin\n") },
	{ BYTES("cjson\ncode\ncopy\ncsv\nbase64\n") },
	{ BYTES("csklearn\nsin\ncall\n- foo\na b c\n") },
	{ BYTES("copyright me\nall rights\n.TH A\n") },
	{ BYTES("cjson\n=====\n.. contents\n") },
	{ BYTES("cm\nword\n.SH NAME\n") },
	{ BYTES("\x80\x02\x55\x13\xf0\x9a\x7c\x11\x52\x0e\x99\xc4\x7f\xee\x10"
		"\x33\x80\x02\x28\x97\x5d\x3d\xa1\x6e\x12\x63\x0c\x9a\xc7\x44"
		"\x31\xf8\x6e\xa5\x12\x8d\x3a\x7b\x22\x90\xd1\x6c\x81\xe3\x0a"
		"\x77\x12\xee\x2c\xb1\x99\x55\x63\x18\x44\xd0\xaa\x3f\x1b\x6c"
		"\x0d\xe1\x98\x24\x6f\x5a") },
	{ BYTES("\0\0\0\0cos\nsystem\n.") },
};

static void
text_and_numbers_are_no_pickles(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct run r;

		print_message("%zu\n", i);
		run_bytes(&r, others[i].bytes, others[i].size);
		assert_false(r.visit.recognised);
		run_end(&r);
	}
}

static void
a_long_line_of_padding_hides_nothing(void **state)
{
	AUTO(buf) struct buf b = buf_new(1 << 20);
	struct run r;

	(void)state;
	assert_int_equal(buf_puts(&b, "V"), ERR_OK);
	for (unsigned i = 0; i < 200000; i++)
		assert_int_equal(buf_puts(&b, "a"), ERR_OK);
	assert_int_equal(buf_puts(&b, "\n0cos\nsystem\n."), ERR_OK);
	run_bytes(&r, b.data, b.size);
	assert_true(r.visit.recognised);
	assert_int_equal(r.report.import_count, 1);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_of_the_machine_has_its_row),
		cmocka_unit_test(text_and_numbers_are_no_pickles),
		cmocka_unit_test(a_long_line_of_padding_hides_nothing),
	};

	return cmocka_run_group_tests_name("pickle/machine", tests, NULL, NULL);
}
