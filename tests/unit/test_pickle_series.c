/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in all their readings, pickles behind each other, joblib's arrays,
 * torch's old format, bombs, and sources that cannot be read twice. */
#include "unit/pickle_run.h"

#include <fcntl.h>
#include <unistd.h>

#include "byte/inflate.h"
#include "pickle/torch_legacy.h"

#define MAL VERDICT_MALICIOUS
#define SUS VERDICT_SUSPICIOUS
#define UNV VERDICT_UNVERIFIED
#define UNK VERDICT_UNKNOWN
#define CLN VERDICT_CLEAN

#define FRAME(n) "\x95" n "\0\0\0\0\0\0\0"
#define OS "cos\nsystem\n"

static const struct run_row rows[] = {
	/* frames */
	{ "frames that end where opcodes do",
	    BYTES("\x80\4" FRAME("\2") "N0" FRAME("\2") "N."), CLN, NULL, "" },
	{ "bytes between frames",
	    BYTES("\x80\4" FRAME("\2") "N0C\3abc0" FRAME("\2") "N."), CLN, NULL,
	    "" },
	{ "a name across the end of a frame is another name to BytesIO",
	    BYTES("\x80\4" FRAME("\6") "csafe_mod\nname\n."), MAL,
	    "pickle.frame.straddled", "safe_mod.name=import mod.name=import" },
	{ "bytes across the end of a frame hide opcodes from some",
	    BYTES("\x80\4" FRAME("\x8") "C\x0a"
					"AAAAAABBBBca\nb\n.cc\nd\n."),
	    MAL, "pickle.frame.straddled", "a.b=import c.d=import" },
	{ "a string across the end of a frame",
	    BYTES("\x80\4" FRAME("\x8") "\x8c\x0a"
					"AAAAAABBBBca\nb\n.cc\nd\n."),
	    MAL, "pickle.frame.straddled", "a.b=import c.d=import" },
	{ "a fixed argument across the end of a frame",
	    BYTES("\x80\4" FRAME("\2") "J\1\2\3\4." OS "."), MAL,
	    "pickle.frame.straddled", NULL },
	{ "an opcode at the end of a frame, its argument behind it",
	    BYTES("\x80\4" FRAME("\1") "K\1."), MAL, "pickle.frame.straddled",
	    "" },
	{ "a frame in a frame",
	    BYTES("\x80\4" FRAME("\x0c") FRAME("\2") "N0N."), MAL,
	    "pickle.frame.nested", "" },
	{ "a frame past the end of the file",
	    BYTES("\x80\4" FRAME("\x7f") "N."), SUS, "pickle.frame.past-end",
	    "" },
	{ "a frame that goes on behind STOP",
	    BYTES("\x80\4" FRAME("\4") "N.N0N."), SUS, "pickle.frame.left",
	    "" },
	{ "a frame without PROTO", BYTES(FRAME("\x0c") OS "."), MAL, NULL,
	    "os.system=import" },
	/* pickles behind each other */
	{ "a harmless pickle, then another", BYTES("\x80\2N.\x80\2N."), CLN,
	    NULL, "" },
	{ "an early STOP", BYTES("N." OS "."), MAL, NULL, "os.system=import" },
	{ "many harmless ones, then another",
	    BYTES("N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N." OS "."),
	    MAL, NULL, "os.system=import" },
	{ "the memo of one is not the memo of the next",
	    BYTES("\x80\4\x8c\1m\x94\x30\x8c\1f\x94.\x80\4\x8c\2os\x94\x30"
		  "\x8c\6system\x94\x30h\0h\1\x93."),
	    MAL, NULL, "os.system=import" },
	{ "a reader that keeps its memo goes on in the next",
	    BYTES("\x80\4\x8c\2os\x94.\x80\4]\x94\x30h\0\x30h\1\x30"
		  "\x8c\6system\x94\x30g0\n0h\2\x30.\x80\2]q\3."
		  "\x80\2h\3."),
	    CLN, NULL, "" },
	{ "and takes names from what it keeps",
	    BYTES("\x80\2X\2\0\0\0osq\0.\x80\2X\6\0\0\0systemq\1"
		  "0h\0h\1\x93."),
	    MAL, NULL, "os.system=import" },
	{ "bytes behind it that are none", BYTES("\x80\2N.\n\n\nhello"), CLN,
	    "pickle.trailing", "" },
	{ "a pickle behind bytes that are none",
	    BYTES("\x80\2N.\0\0\0\0\0\0\0\0" OS "."), MAL, "pickle.hidden",
	    "os.system=import" },
	{ "a pickle behind a break", BYTES("\x80\2N0N0N0N0\xff\xff" OS "."),
	    MAL, "pickle.hidden", "os.system=import" },
	{ "bytes that only look like one are taken back",
	    BYTES("\x80\2N.\0\0ccat\ndog\nfish\n\x80\2q\2"), CLN,
	    "pickle.trailing", "" },
	/* bombs */
	{ "a list of itself, doubled",
	    BYTES("\x80\4N2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86"
		  "2\x86."),
	    SUS, "pickle.bomb", "" },
/* joblib: dtype, wrapper and state, then the array */
#define ND "cnumpy\nndarray\n"
#define DTYPE(code, size) \
	"cnumpy\ndtype\n(X\2\0\0\0" code "K\0K\1tR(K\3X\1\0\0\0<NNN" \
	"J\xff\xff\xff\xffJ\xff\xff\xff\xffK" size "tb"
#define WRAPPER "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("
#define SHAPE(n) "X\5\0\0\0shapeK" n "\x85"
#define ALIGN "X\x1b\0\0\0numpy_array_alignment_bytesK\x10"
#define KEY_DTYPE "X\5\0\0\0dtype"
	{ "an array between opcodes",
	    BYTES("\x80\3" WRAPPER SHAPE("\2")
		    KEY_DTYPE DTYPE("f4", "\0") "ub"
						"12345678."),
	    CLN, NULL, NULL },
	{ "an array behind its padding",
	    BYTES("\x80\3" WRAPPER SHAPE("\2") KEY_DTYPE DTYPE("f4", "\0") ALIGN
		"ub\3\xff\xff\xff"
		"cos\nsyst."),
	    CLN, NULL, NULL },
	{ "an array whose wrapper is made as old protocols make it",
	    BYTES("ccopyreg\n_reconstructor\n("
		  "cjoblib.numpy_pickle\nNumpyArrayWrapper\n"
		  "cbuiltins\nobject\nNtR(" SHAPE("\2")
		      KEY_DTYPE DTYPE("f4", "\0") "d"
						  "b1234567\xff."),
	    CLN, NULL, NULL },
	{ "a call behind values that are left over, in no protocol's order",
	    BYTES("NNcsklearn.tree\nTree\n)R."), UNK, NULL,
	    "sklearn.tree.Tree=call" },
	{ "an import behind an array",
	    BYTES("\x80\3" WRAPPER SHAPE("\2")
		    KEY_DTYPE DTYPE("f4", "\0") "ub12345678" OS "."),
	    MAL, NULL, NULL },
	{ "an array that is opcodes to all but joblib",
	    BYTES("\x80\3X\2\0\0\0osX\6\0\0\0system" WRAPPER SHAPE("\3")
		    KEY_DTYPE DTYPE("u1", "\0") "ub0\x93.00."),
	    MAL, NULL, NULL },
	{ "a padding that is none",
	    BYTES("\x80\3" WRAPPER SHAPE("\1") KEY_DTYPE DTYPE("f4", "\0") ALIGN
		"ub\3\xff\xff\0"
		"1234."),
	    MAL, "joblib.padding", NULL },
	{ "an array of objects is a pickle",
	    BYTES("\x80\3" WRAPPER SHAPE("\2")
		    KEY_DTYPE DTYPE("O8", "\x3f") "ub\x80\2" OS ".N0."),
	    MAL, NULL, NULL },
	{ "a frame that is longer than the wrapper's BUILD",
	    BYTES("\x80\4" FRAME("\xd0") WRAPPER SHAPE("\2") KEY_DTYPE DTYPE(
		"f4", "\0") "ub" OS "000000000000000000000000"
			    "000000000000000000000000000000000000000"
			    "0000000000000000000000000000000000000."),
	    MAL, "joblib.frame", NULL },
	{ "a size that overflows",
	    BYTES("\x80\3" WRAPPER "X\5\0\0\0shape\x8a\7\0\0\0\0\0\0\x40"
		  "J\0\0\0\x40\x86" KEY_DTYPE DTYPE("f4", "\0") "ub."),
	    SUS, "joblib.shape", NULL },
	{ "an array without a size", BYTES("\x80\3" WRAPPER "ub."), UNV,
	    "joblib.array", NULL },
#define FILES "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}X\x08\0\0\0filename"
	{ "an array in a file beside it",
	    BYTES("\x80\2" FILES "X\5\0\0\0a.npysb."), UNK, "joblib.file",
	    NULL },
	{ "an array in a file elsewhere",
	    BYTES("\x80\2" FILES "X\6\0\0\0../npysb."), MAL,
	    "joblib.file-outside", NULL },
/* torch before 1.6 */
#define MAGIC "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define VERSION "\x80\2M\xe9\3."
#define SYSTEM "\x80\2}X\1\0\0\0aK\1s."
#define STORAGE \
	"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" \
	"0X\3\0\0\0cpuK\2NtQ"
#define OBJECT "\x80\2" STORAGE "."
#define KEYS \
	"\x80\2]X\1\0\0\0" \
	"0a."
#define NUMBERS "\2\0\0\0\0\0\0\0cos\nsyst"
	{ "five pickles and a storage",
	    BYTES(MAGIC VERSION SYSTEM OBJECT KEYS NUMBERS), CLN, NULL,
	    "torch.FloatStorage=import" },
	{ "an import where numbers belong",
	    BYTES(MAGIC VERSION "\x80\2" OS "." OBJECT KEYS NUMBERS), MAL,
	    "torch.legacy.import", NULL },
	{ "an import among the keys",
	    BYTES(MAGIC VERSION SYSTEM OBJECT "\x80\2]X\1\0\0\0"
					      "0a" OS "0." NUMBERS),
	    MAL, "torch.legacy.import", NULL },
	{ "a magic number that is computed",
	    BYTES("\x80\2"
		  "cm\nf\n)R." VERSION SYSTEM OBJECT KEYS NUMBERS),
	    MAL, "torch.legacy.magic", NULL },
	{ "a sixth pickle",
	    BYTES(MAGIC VERSION SYSTEM OBJECT KEYS NUMBERS "\x80\2N."), SUS,
	    "torch.legacy.tail", NULL },
	{ "a storage that nobody has named",
	    BYTES(MAGIC VERSION SYSTEM "\x80\2N." KEYS NUMBERS), UNV,
	    "torch.legacy.storages", NULL },
};

static void
each_rule_of_a_series_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		run_row(&rows[i]);
}

static void
formats_are_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *name;
	} names[] = {
		{ BYTES("\x80\2N."), "pickle" },
		{ BYTES(MAGIC VERSION SYSTEM OBJECT KEYS NUMBERS),
		    "torch-legacy" },
		{ BYTES("\x80\3" WRAPPER SHAPE("\1")
			  KEY_DTYPE DTYPE("f4", "\0") "ub1234."),
		    "joblib" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct run r;

		run_bytes(&r, names[i].bytes, names[i].size);
		assert_string_equal(r.visit.name, names[i].name);
		assert_true(r.visit.in_place);
		run_end(&r);
	}
}

/* n times unit, between front and back. */
static void
repeat(struct buf *b, const char *front, const char *unit, size_t n,
    const char *back)
{
	assert_int_equal(buf_puts(b, front), ERR_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_puts(b, unit), ERR_OK);
	assert_int_equal(buf_puts(b, back), ERR_OK);
}

static const struct {
	const char *about;
	const char *front, *unit, *back;
	size_t n;
	const char *imports;
} large[] = {
	{ "values without end", "cos\nsystem\n", "N", "0.", 3000000,
	    "os.system=import" },
	{ "marks without end", "cos\nsystem\n", "(", "N.", 3000000,
	    "os.system=import" },
	{ "tuples in tuples", "N", "\x85", "0cos\nsystem\n.", 3000000,
	    "os.system=import" },
	{ "a tuple from far below", "N", "(N", "t0cos\nsystem\n.", 400000,
	    "os.system=import" },
	{ "a name put aside, then containers without end", "Vos\np0\n0",
	    ")\x85"
	    "0",
	    "g0\nVsystem\n\x93.", 1000000, "os.system=import" },
	{ "a name put aside, then a memo without end", "Vos\np0\n0",
	    "N\x94"
	    "0",
	    "g0\nVsystem\n\x93.", 2000000, "os.system=import" },
	{ "names without end", "", "cos\nsystem\n0", "N.", 500000,
	    "os.system=import" },
};

static void
what_has_no_end_has_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(large); i++) {
		AUTO(buf) struct buf b = buf_new(64 << 20);
		AUTO(buf) struct buf imports = buf_new(4096);
		struct run r;

		print_message("%s\n", large[i].about);
		repeat(&b, large[i].front, large[i].unit, large[i].n,
		    large[i].back);
		run_bytes(&r, b.data, b.size);
		run_imports(&r, &imports);
		assert_true(r.visit.recognised);
		assert_string_equal(buf_text(&imports), large[i].imports);
		run_end(&r);
	}
}

/* What was forgotten is never clean when it matters. */
static void
a_callable_that_was_forgotten_is_unverified(void **state)
{
	AUTO(buf) struct buf b = buf_new(64 << 20);
	struct run r;

	(void)state;
	repeat(&b,
	    "\x80\4"
	    "ccollections\nOrderedDict\n",
	    "N", 2000000, "");
	repeat(&b, "", "0", 2000000, ")R.");
	run_bytes(&r, b.data, b.size);
	assert_true(run_has(&r, "pickle.call.forgotten"));
	assert_int_equal(r.report.verdict, UNV);
	run_end(&r);
}

static void
a_budget_that_ends_is_a_limit(void **state)
{
	AUTO(buf) struct buf b = buf_new(64 << 20);
	struct run r;
	struct source s;

	(void)state;
	repeat(&b, "\x80\4", "N0", 1000000, "N.");
	run_begin(&r);
	r.budget.opcodes = 1000;
	s = source_memory(b.data, b.size, &r.budget);
	run_source(&r, &s);
	assert_int_equal(r.e, ERR_LIMIT);
	assert_true(r.visit.recognised);
	run_end(&r);
}

static void
a_truncated_pickle_is_short(void **state)
{
	struct run r;

	(void)state;
	run_bytes(&r, BYTES("\x80\4]\x94(K\1K\2K\3"));
	assert_int_equal(r.e, ERR_SHORT);
	assert_true(r.visit.recognised);
	run_end(&r);
}

/* A stored block of deflate around n bytes (at most 65535). */
static void
deflate_store(struct buf *out, const void *data, size_t n)
{
	uint8_t head[5] = { 1, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)~n,
		(uint8_t)(~n >> 8) };

	assert_int_equal(buf_add(out, head, sizeof(head)), ERR_OK);
	assert_int_equal(buf_add(out, data, n), ERR_OK);
}

/* The verdict of plain, which comes out of a decompressor. */
static enum verdict
packed_verdict(const struct buf *plain)
{
	AUTO(buf) struct buf packed = buf_new(1 << 20);
	struct inflate *inflate = NULL;
	struct source raw, s;
	enum verdict verdict;
	struct run r;

	deflate_store(&packed, plain->data, plain->size);
	run_begin(&r);
	raw = source_memory(packed.data, packed.size, &r.budget);
	assert_int_equal(
	    inflate_open(&raw, INFLATE_DEFLATE, &inflate, &s), ERR_OK);
	assert_int_equal(format_pickle.walk(&r.visit, &s), ERR_OK);
	verdict = r.report.verdict;
	assert_int_equal(r.report.import_count, 1);
	inflate_free(&inflate);
	run_end(&r);
	return verdict;
}

/* Names in a stream that cannot be read twice, with data between them. */
static void
names_behind_a_decompressor_are_kept(void **state)
{
	AUTO(buf) struct buf plain = buf_new(1 << 20);

	(void)state;
	repeat(&plain,
	    "\x80\4\x8c\2os\x94"
	    "0\x8c\6system\x94"
	    "0",
	    "Vabcdefghijklmnopqrstuvwxyz\n0", 2000, "g0\ng1\n\x93.");
	assert_int_equal(packed_verdict(&plain), MAL);
}

/* A window ends in the middle of what is to be kept. */
static void
names_across_the_end_of_a_window_are_kept(void **state)
{
	enum { AROUND = 32 };

	(void)state;
	for (size_t shift = 0; shift < AROUND; shift++) {
		AUTO(buf) struct buf b = buf_new(1 << 20);

		repeat(&b, "\x80\4", "N0", 2032, "");
		for (size_t i = 0; i < shift; i++)
			assert_int_equal(buf_puts(&b, "N"), ERR_OK);
		assert_int_equal(buf_puts(&b,
				     "\x8c\2os\x94\x8c\6system\x94"
				     "\x93."),
		    ERR_OK);
		assert_int_equal(packed_verdict(&b), MAL);
	}
}

/* The same bytes from a file, where blocks end in the middle of opcodes. */
static void
a_file_is_read_as_memory_is(void **state)
{
	AUTO(buf) struct buf b = buf_new(4 << 20);
	AUTO(buf) struct buf imports = buf_new(4096);
	char name[] = "/tmp/test_pickle_XXXXXX";
	AUTO_CLOSE int fd = mkostemp(name, O_CLOEXEC);
	struct source s;
	struct run r;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(unlink(name), 0);
	repeat(&b,
	    "\x80\4\x8c\1m\x94"
	    "0\x8c\1f\x94"
	    "0",
	    "\x8c\3abc\x94"
	    "0cmodule\nname\n0Vtext\n0M\1\1"
	    "0",
	    100000, "g0\ng1\n\x93.");
	assert_int_equal(write(fd, b.data, b.size), (ssize_t)b.size);
	run_begin(&r);
	s = source_fd(fd, b.size, &r.budget);
	run_source(&r, &s);
	run_imports(&r, &imports);
	assert_string_equal(
	    buf_text(&imports), "module.name=import m.f=import");
	assert_int_equal(r.e, ERR_OK);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_of_a_series_has_its_row),
		cmocka_unit_test(formats_are_named),
		cmocka_unit_test(what_has_no_end_has_bounds),
		cmocka_unit_test(a_callable_that_was_forgotten_is_unverified),
		cmocka_unit_test(a_budget_that_ends_is_a_limit),
		cmocka_unit_test(a_truncated_pickle_is_short),
		cmocka_unit_test(names_behind_a_decompressor_are_kept),
		cmocka_unit_test(names_across_the_end_of_a_window_are_kept),
		cmocka_unit_test(a_file_is_read_as_memory_is),
	};

	return cmocka_run_group_tests_name("pickle/series", tests, NULL, NULL);
}
