/* SPDX-License-Identifier: Apache-2.0 */
/* What the pickle machine sees of streams, rule by rule. */
#include "pickle_world.h"

#define SYSTEM "cos\nsystem\n"
#define CALL "(S'echo marker'\ntR"
#define DICT "ccollections\nOrderedDict\n"
#define OS "\x8c\x02os"
#define NAME "\x8c\x06system"

static void
whatever_imports_or_calls_is_seen(void **state)
{
	static const struct row rows[] = {
		ROW("data",
		    "\x80\x04]\x94(K\x01K\x02"
		    "e.",
		    CLEAN, "", NULL),
		ROW("an honest class", "\x80\x02" DICT ")R.", CLEAN,
		    " collections.OrderedDict", NULL),
		ROW("never called", SYSTEM "0N.", MALICIOUS, " os.system",
		    "pickle.import.dangerous"),
		ROW("REDUCE", SYSTEM CALL ".", MALICIOUS, " os.system", NULL),
		ROW("INST", "(S'echo marker'\nios\nsystem\n.", MALICIOUS,
		    " os.system", NULL),
		ROW("INST without a mark", "ios\nsystem\n.", MALICIOUS,
		    " os.system", NULL),
		ROW("OBJ", "(" SYSTEM "S'echo marker'\no0N.", MALICIOUS,
		    " os.system", NULL),
		ROW("NEWOBJ", "\x80\x02" SYSTEM ")\x81.", MALICIOUS,
		    " os.system", NULL),
		ROW("list for arguments", DICT "]R.", SUSPICIOUS,
		    " collections.OrderedDict", "pickle.call.odd"),
		ROW("nobody knows it",
		    "\x80\x02"
		    "cmy\nThing\n)R.",
		    UNKNOWN, " my.Thing", "pickle.import.unknown"),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
names_are_found_wherever_they_come_from(void **state)
{
	static const struct row rows[] = {
		ROW("STACK_GLOBAL", "\x80\x04" OS NAME "\x93.", MALICIOUS,
		    " os.system", NULL),
		ROW("no PROTO", OS NAME "\x93.", MALICIOUS, " os.system", NULL),
		ROW("junk between",
		    "\x80\x04" OS "N0(K\x01"
		    "1" NAME "\x93.",
		    MALICIOUS, " os.system", NULL),
		ROW("memo", "Vos\np2\n0Vsystem\np3\n0g2\ng3\n\x93.", MALICIOUS,
		    " os.system", NULL),
		ROW("memo copied",
		    "\x80\x04" OS "\x94"
		    "0" NAME "\x94"
		    "0h\x00q\x05"
		    "0h\x05h\x01\x93.",
		    MALICIOUS, " os.system", NULL),
		ROW("MEMOIZE counts keys",
		    "\x80\x04" OS "q\x07"
		    "0" NAME "\x94"
		    "0h\x07h\x01\x93.",
		    MALICIOUS, " os.system", NULL),
		ROW("UNICODE escapes", "V\\u006fs\nVsystem\n\x93.", MALICIOUS,
		    " os.system", NULL),
		ROW("UNICODE keeps \\x", "V\\x6fs\nVsystem\n\x93.", UNKNOWN,
		    " \\x6fs.system", NULL),
		ROW("STRING escapes", "S'\\x6f\\163'\nS'system'\n\x93.",
		    MALICIOUS, " os.system", NULL),
		ROW("DUP", "\x80\x04" OS "2\x93.", MALICIOUS, " os.os", NULL),
		ROW("computed", "\x80\x04" DICT ")R" NAME "\x93.", MALICIOUS,
		    " collections.OrderedDict", "pickle.name.computed"),
		ROW("bytes",
		    "\x80\x04"
		    "C\x02os" NAME "\x93.",
		    MALICIOUS, "", "pickle.name.computed"),
		ROW("cut off",
		    "\x80\x02"
		    "cos\nsystemX",
		    MALICIOUS, " os.system", "pickle.name.cut"),
		ROW("hidden in dots",
		    "\x80\x04"
		    "\x8c\x07pathlib\x8c\x09"
		    "os.system\x93.",
		    MALICIOUS, " pathlib.os.system", NULL),
		ROW("code of nobody", "\x80\x02\x82\x07.", SUSPICIOUS, "",
		    "pickle.extension"),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
frames_hide_nothing(void **state)
{
	static const struct row rows[] = {
		ROW("honest", "\x80\x04\x95\x03\0\0\0\0\0\0\0K\x01.", CLEAN, "",
		    NULL),
		ROW("a name crosses its end",
		    "\x80\x04\x95\x06\0\0\0\0\0\0\0"
		    "csafe_os\nsystem\n.",
		    MALICIOUS, " safe_os.system os.system",
		    "pickle.frame.straddled"),
		ROW("one in another",
		    "\x80\x04\x95\x0c\0\0\0\0\0\0\0\x95\x03\0\0\0\0\0\0\0"
		    "K\x01.",
		    MALICIOUS, "", "pickle.frame.nested"),
		ROW("past the end", "\x80\x04\x95\xff\0\0\0\0\0\0\0K\x01.",
		    SUSPICIOUS, "", "pickle.frame.past-end"),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
an_error_takes_nothing_back(void **state)
{
	static const struct row rows[] = {
		ROW("unknown opcode", SYSTEM CALL "\xff", MALICIOUS,
		    " os.system", NULL),
		ROW("no STOP", SYSTEM CALL, MALICIOUS, " os.system", NULL),
		ROW("second pickle", "\x80\x02N.\x80\x02" SYSTEM ".", MALICIOUS,
		    " os.system", NULL),
		ROW("missing key", SYSTEM CALL "0h\x03.", MALICIOUS,
		    " os.system", NULL),
		ROW("broken",
		    "\x80\x04]\x94(K\x01K\x02"
		    "e\xff",
		    UNVERIFIED, "", NULL),
		ROW("behind a break",
		    "\x80\x04]\xff junk \x80\x04" OS NAME "\x93)R.", MALICIOUS,
		    " os.system", NULL),
		ROW("odd number", "I0x10\n0" SYSTEM ".", MALICIOUS,
		    " os.system", "pickle.argument.odd"),
		ROW("NUL in a number", "I1\0zz\n0" SYSTEM ".", MALICIOUS,
		    " os.system", NULL),
		ROW("huge length",
		    "\x80\x04\x8e\0\0\0\0\0\0\0\x40"
		    "abc.",
		    UNVERIFIED, "", NULL),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
what_was_imported_is_not_changed(void **state)
{
	static const struct row rows[] = {
		ROW("BUILD", "\x80\x02" DICT "}b.", MALICIOUS,
		    " collections.OrderedDict", "pickle.build.imported"),
		ROW("SETITEM", "\x80\x02" DICT "Va\nK\x01s.", MALICIOUS,
		    " collections.OrderedDict", "pickle.store.imported"),
		ROW("its own", "\x80\x02" DICT ")R}b.", CLEAN,
		    " collections.OrderedDict", NULL),
		ROW("slots",
		    "\x80\x02" DICT ")R}}V__class__\nNs\x86"
		    "b.",
		    SUSPICIOUS, " collections.OrderedDict",
		    "pickle.build.slots"),
		ROW("another function in partial",
		    "\x80\x02"
		    "cfunctools\npartial\ncbuiltins\nlen\n\x85R("
		    "cbuiltins\nobject\n)}Ntb.",
		    MALICIOUS,
		    " functools.partial builtins.len builtins.object",
		    "pickle.call.arguments"),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
arguments_make_the_gadget(void **state)
{
	static const struct row rows[] = {
		ROW("map of a text",
		    "\x80\x02"
		    "cbuiltins\nmap\n(Vx\ntR.",
		    MALICIOUS, " builtins.map", "pickle.call.arguments"),
		ROW("map of nothing",
		    "\x80\x02"
		    "cbuiltins\nmap\n"
		    "cbuiltins\nlen\n\x85R.",
		    SUSPICIOUS, " builtins.map builtins.len",
		    "pickle.call.suspect"),
		ROW("attribute of a text",
		    "\x80\x02"
		    "cbuiltins\ngetattr\n"
		    "(Vx\nVy\ntR.",
		    SUSPICIOUS, " builtins.getattr", "pickle.call.suspect"),
		ROW("registered code",
		    "\x80\x02"
		    "ccopyreg\nadd_extension\n(Vos\nVsystem\nK\x07tR"
		    "\x82\x07.",
		    MALICIOUS, " copyreg.add_extension os.system", NULL),
	};

	(void)state;
	WORLD_ROWS(rows);
}

static void
bombs_are_noticed_in_bounded_memory(void **state)
{
	char laughs[3 + 60 * 2 + 1] = "\x80\x02N", deep[20001];
	struct report r;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		memcpy(laughs + 3 + i * 2, "2\x86", 2);
	laughs[sizeof(laughs) - 1] = '.';
	assert_true(world_walk(laughs, sizeof(laughs), &r));
	assert_int_equal(r.verdict, VERDICT_SUSPICIOUS);
	assert_true(world_has(&r, "pickle.bomb"));
	report_free(&r);
	memset(deep, 0x85, sizeof(deep));
	memcpy(deep, "\x80\x02N", 3);
	deep[sizeof(deep) - 1] = '.';
	assert_true(world_walk(deep, sizeof(deep), &r));
	assert_int_equal(r.verdict, VERDICT_SUSPICIOUS);
	assert_true(world_has(&r, "pickle.bomb"));
	report_free(&r);
}

static void
what_is_no_pickle_is_left_alone(void **state)
{
	static const struct row rows[] = {
		ROW("nothing", "", CLEAN, "", NULL),
		ROW("text", "import os\nos.system\n", CLEAN, "", NULL),
		ROW("a sentence", "could this be\none of them?\n", CLEAN, "",
		    NULL),
		ROW("NUL in front", "\0" SYSTEM ".", CLEAN, "", NULL),
		ROW("PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", CLEAN, "", NULL),
	};

	(void)state;
	WORLD_ROWS(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_imports_or_calls_is_seen),
		cmocka_unit_test(names_are_found_wherever_they_come_from),
		cmocka_unit_test(frames_hide_nothing),
		cmocka_unit_test(an_error_takes_nothing_back),
		cmocka_unit_test(what_was_imported_is_not_changed),
		cmocka_unit_test(arguments_make_the_gadget),
		cmocka_unit_test(bombs_are_noticed_in_bounded_memory),
		cmocka_unit_test(what_is_no_pickle_is_left_alone),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
