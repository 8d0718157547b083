/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw numbers between opcodes: joblib's arrays and torch's storages of before
 * 1.6 are stepped over to the byte, whatever their type, shape and padding.
 *
 * Behind each stands an import, and numbers are bytes that are no opcodes: who
 * steps too far or too short does not find it where it is.
 */
#include "unit/pickle_run.h"

#define S4(size, text) "X" size "\0\0\0" text
#define OS "cos\nsystem\n"
#define SCALAR ")"

enum { ROOM = 1 << 16, PAD = 0xff };

static void
add(struct buf *b, const char *bytes, size_t n)
{
	assert_int_equal(buf_add(b, bytes, n), ERR_OK);
}

static void
add_text(struct buf *b, const char *text)
{
	uint8_t head[5] = { 'X', (uint8_t)strlen(text) };

	add(b, (const char *)head, sizeof(head));
	add(b, text, strlen(text));
}

static void
add_bytes(struct buf *b, uint8_t byte, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(b, (const char *)&byte, 1);
}

/* os.system is imported at this offset, and nothing else is wrong. */
static void
imports_at(const struct buf *b, uint64_t offset, const char *format)
{
	struct run r;
	bool found = false;

	run_bytes(&r, b->data, b->size);
	for (size_t i = 0; i < r.report.import_count; i++) {
		const struct import *import = &r.report.imports[i];

		if (strcmp(import->module, "os") == 0) {
			found = true;
			assert_int_equal(import->offset, offset);
		}
	}
	assert_true(found);
	assert_int_equal(r.e, ERR_OK);
	assert_string_equal(r.visit.name, format);
	run_end(&r);
}

/* One array as joblib writes it. */
static const struct array {
	const char *about, *module, *type, *shape;
	size_t shape_size;
	uint8_t state; /* bytes of an item, as the state has it; 0: -1 */
	int padding;   /* bytes; -1: of a version that did not align */
	size_t bytes;  /* of the whole */
} arrays[] = {
#define PLAIN "joblib.numpy_pickle"
#define A(about, type, shape, state, bytes) \
	{ \
		about, PLAIN, type, BYTES(shape), state, -1, bytes \
	}
	A("truth", "b1", "K\3\x85", 0, 3),
	A("a byte", "i1", "K\3\x85", 0, 3),
	A("two bytes", "u2", "K\3\x85", 0, 6),
	A("four bytes", "<i4", "K\3\x85", 0, 12),
	A("big endian", ">f4", "K\3\x85", 0, 12),
	A("double", "f8", "K\3\x85", 0, 24),
	A("half", "f2", "K\3\x85", 0, 6),
	A("long double", "f16", "K\3\x85", 0, 48),
	A("complex", "c16", "K\3\x85", 0, 48),
	A("times", "M8", "K\3\x85", 0, 24),
	A("spans of time", "m8", "K\3\x85", 0, 24),
	A("bytes", "S5", "K\3\x85", 5, 15),
	A("text of four bytes a letter", "U3", "K\3\x85", 12, 36),
	A("text without a size in its state", "U3", "K\3\x85", 0, 36),
	A("records", "V7", "K\3\x85", 7, 21),
	A("by name", "float64", "K\3\x85", 0, 24),
	A("by name, an integer", "int16", "K\3\x85", 0, 6),
	A("by name, truth", "bool", "K\3\x85", 0, 3),
	A("two dimensions", "f4", "K\2K\3\x86", 0, 24),
	A("four dimensions", "f4", "(K\1K\2K\1K\2t", 0, 16),
	A("no dimension", "f8", SCALAR, 0, 8),
	A("nothing", "f8", "K\0\x85", 0, 0),
	A("nothing of much", "f8", "J\xff\xff\xff\x7fK\0\x86", 0, 0),
	{ "behind one byte of padding", PLAIN, "f4", BYTES("K\3\x85"), 0, 1,
	    12 },
	{ "behind the longest padding", PLAIN, "f4", BYTES("K\3\x85"), 0, 16,
	    12 },
	{ "of scikit-learn's own joblib",
	    "sklearn.externals.joblib.numpy_pickle", "f4", BYTES("K\3\x85"), 0,
	    -1, 12 },
	{ "of a joblib that somebody brings along",
	    "project.vendor.joblib.numpy_pickle", "f4", BYTES("K\3\x85"), 0, -1,
	    12 },
};

static void
array_write(struct buf *b, const struct array *a)
{
	uint8_t state[] = { 'K', a->state };

	assert_int_equal(
	    buf_printf(b, "c%s\nNumpyArrayWrapper\n)", a->module), ERR_OK);
	add(b, BYTES("\x81}("));
	add_text(b, "shape");
	add(b, a->shape, a->shape_size);
	add_text(b, "dtype");
	assert_int_equal(buf_puts(b, "cnumpy\ndtype\n("), ERR_OK);
	add_text(b, a->type);
	add(b, BYTES("K\0K\1tR(K\3" S4("\1", "<") "NNN"));
	if (a->state != 0)
		add(b, (const char *)state, sizeof(state));
	else
		add(b, BYTES("J\xff\xff\xff\xff"));
	add(b, BYTES("J\xff\xff\xff\xffK\0tb"));
	if (a->padding >= 0) {
		add_text(b, "numpy_array_alignment_bytes");
		add(b, BYTES("K\x10"));
	}
	add(b, BYTES("ub"));
	if (a->padding >= 0) {
		uint8_t n = (uint8_t)a->padding;

		add(b, (const char *)&n, 1);
		add_bytes(b, PAD, n);
	}
	add_bytes(b, PAD, a->bytes);
}

static void
joblibs_arrays_are_stepped_over_to_the_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(arrays); i++) {
		AUTO(buf) struct buf b = buf_new(ROOM);
		uint64_t at;

		print_message("%s\n", arrays[i].about);
		add(&b, BYTES("\x80\3]"));
		array_write(&b, &arrays[i]);
		add(&b, BYTES("a"));
		array_write(&b, &arrays[i]);
		add(&b, BYTES("a"));
		at = b.size;
		add(&b, BYTES(OS "a."));
		imports_at(&b, at, "joblib");
	}
}

/* Types of storages, and the bytes of two elements. */
static const struct {
	const char *type;
	size_t bytes;
} storages[] = {
	{ "DoubleStorage", 16 },
	{ "FloatStorage", 8 },
	{ "HalfStorage", 4 },
	{ "BFloat16Storage", 4 },
	{ "LongStorage", 16 },
	{ "IntStorage", 8 },
	{ "ShortStorage", 4 },
	{ "CharStorage", 2 },
	{ "ByteStorage", 2 },
	{ "BoolStorage", 2 },
	{ "ComplexDoubleStorage", 32 },
	{ "ComplexFloatStorage", 16 },
	{ "QUInt8Storage", 2 },
	{ "QInt8Storage", 2 },
	{ "QInt32Storage", 8 },
	{ "QUInt4x2Storage", 2 },
};

#define MAGIC "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define FRONT MAGIC "\x80\2M\xe9\3.\x80\2}."
#define TWO "\2\0\0\0\0\0\0\0"

static void
id_write(struct buf *b, const char *type, const char *key)
{
	add(b, BYTES("(" S4("\7", "storage")));
	assert_int_equal(buf_printf(b, "ctorch\n%s\n", type), ERR_OK);
	add_text(b, key);
	add(b, BYTES(S4("\3", "cpu") "K\2NtQ"));
}

static void
storages_are_stepped_over_by_their_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(storages); i++) {
		AUTO(buf) struct buf b = buf_new(ROOM);
		uint64_t at;

		print_message("%s\n", storages[i].type);
		add(&b, BYTES(FRONT "\x80\2]("));
		id_write(&b, storages[i].type, "94010");
		id_write(&b, "ByteStorage", "7");
		/* The same again, as two views of one storage. */
		id_write(&b, storages[i].type, "94010");
		add(&b,
		    BYTES(
			"e.\x80\2](" S4("\1", "7") S4("\5", "94010") "e." TWO));
		add_bytes(&b, PAD, 2);
		add(&b, BYTES(TWO));
		add_bytes(&b, PAD, storages[i].bytes);
		at = b.size + 2;
		add(&b, BYTES("\x80\2" OS "."));
		imports_at(&b, at, "torch-legacy");
	}
}

#define P2 "\x80\2"
#define ID(inside) "(" inside "tQ"
#define CPU S4("\3", "cpu") "K\2N"

static const struct run_row ids[] = {
	{ "a storage",
	    BYTES(P2 ID(S4("\7", "storage") "ctorch\nFloatStorage\n" S4(
		"\1", "0") CPU) "."),
	    VERDICT_CLEAN, NULL, "torch.FloatStorage=import" },
	{ "a storage of a class that runs commands",
	    BYTES(P2 ID(S4("\7", "storage") OS S4("\1", "0") CPU) "."),
	    VERDICT_MALICIOUS, "pickle.import.dangerous", "os.system=import" },
	{ "a storage whose class is no global",
	    BYTES(
		P2 ID(S4("\7", "storage") S4("\1", "x") S4("\1", "0") CPU) "."),
	    VERDICT_UNKNOWN, "pickle.persistent", "" },
	{ "a storage of too few fields",
	    BYTES(P2 ID(S4("\7", "storage") "ctorch\nFloatStorage\n") "."),
	    VERDICT_UNKNOWN, "pickle.persistent", NULL },
	{ "another kind of id", BYTES(P2 ID(S4("\5", "other") "K\1K\2K\3") "."),
	    VERDICT_UNKNOWN, "pickle.persistent", "" },
	{ "an id that is a number", BYTES(P2 "K\1Q."), VERDICT_UNKNOWN,
	    "pickle.persistent", "" },
	{ "an id in text", BYTES(P2 "Pnumber 1\n."), VERDICT_UNKNOWN,
	    "pickle.persistent", "" },
	{ "a class with its source, which is called",
	    BYTES(P2 ID(S4("\6", "module") "cm\nC\n" S4("\1", "f")
		    S4("\1", "s")) ")R."),
	    VERDICT_UNKNOWN, "pickle.import.unknown", "m.C=call" },
	{ "the same of a function that runs commands",
	    BYTES(P2 ID(S4("\6", "module") OS S4("\1", "f") S4("\1", "s"))
		    S4("\1", "x") "\x85R."),
	    VERDICT_MALICIOUS, "pickle.import.dangerous", "os.system=call" },
	{ "what a loader returns is called",
	    BYTES(P2 "K\1Q" S4("\1", "x") "\x85R."), VERDICT_SUSPICIOUS,
	    "pickle.call.result", "" },
};

static void
what_a_loader_is_asked_for_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++)
		run_row(&ids[i]);
}

/* What follows the keys, and is not as they say. */
static const struct {
	const char *about, *bytes;
	size_t size;
	const char *rule; /* NULL: damage alone */
	enum err e;
} behind_keys[] = {
	{ "numbers that end early", BYTES(TWO "\xff\xff"), NULL, ERR_SHORT },
	{ "nothing", BYTES(""), NULL, ERR_SHORT },
	{ "more than there can be",
	    BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	    "torch.legacy.storages", ERR_OK },
};

static void
storages_that_are_not_there_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(behind_keys); i++) {
		AUTO(buf) struct buf b = buf_new(ROOM);
		struct run r;

		print_message("%s\n", behind_keys[i].about);
		add(&b, BYTES(FRONT "\x80\2"));
		id_write(&b, "FloatStorage", "0");
		add(&b, BYTES(".\x80\2](" S4("\1", "0") "e."));
		add(&b, behind_keys[i].bytes, behind_keys[i].size);
		run_bytes(&r, b.data, b.size);
		assert_int_equal(r.e, behind_keys[i].e);
		if (behind_keys[i].rule != NULL)
			assert_true(run_has(&r, behind_keys[i].rule));
		run_end(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joblibs_arrays_are_stepped_over_to_the_byte),
		cmocka_unit_test(storages_are_stepped_over_by_their_types),
		cmocka_unit_test(what_a_loader_is_asked_for_is_judged),
		cmocka_unit_test(storages_that_are_not_there_are_told),
	};

	return cmocka_run_group_tests_name("pickle/arrays", tests, NULL, NULL);
}
