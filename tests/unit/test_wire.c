/* SPDX-License-Identifier: Apache-2.0 */
/* What crosses the barrier arrives as it was sent, or is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "wire/answer.h"
#include "wire/wire.h"

#include "wire_report.h"

enum { ID = 77 };

static void
assert_reports_equal(const struct report *a, const struct report *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_string_equal(a->format, b->format);
	assert_int_equal(a->in_place, b->in_place);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->bytes_read, b->bytes_read);
	assert_int_equal(a->elapsed_us, b->elapsed_us);
	assert_int_equal(a->cut, b->cut);
	assert_int_equal(a->finding_count, b->finding_count);
	for (size_t i = 0; i < a->finding_count; i++) {
		const struct finding *f = &a->findings[i], *g = &b->findings[i];

		assert_string_equal(f->rule, g->rule);
		assert_string_equal(f->message, g->message);
		assert_string_equal(f->evidence, g->evidence);
		assert_string_equal(f->where, g->where);
		assert_int_equal(f->severity, g->severity);
		assert_int_equal(f->verdict, g->verdict);
		assert_int_equal(f->offset, g->offset);
		assert_int_equal(f->count, g->count);
	}
	assert_int_equal(a->import_count, b->import_count);
	for (size_t i = 0; i < a->import_count; i++) {
		const struct import *f = &a->imports[i], *g = &b->imports[i];

		assert_int_equal(f->module_size, g->module_size);
		assert_memory_equal(f->module, g->module, f->module_size + 1);
		assert_int_equal(f->name_size, g->name_size);
		assert_memory_equal(f->name, g->name, f->name_size + 1);
		assert_string_equal(f->reason, g->reason);
		assert_string_equal(f->where, g->where);
		assert_int_equal(f->use, g->use);
		assert_int_equal(f->verdict, g->verdict);
		assert_int_equal(f->offset, g->offset);
	}
	assert_int_equal(a->member_count, b->member_count);
	for (size_t i = 0; i < a->member_count; i++) {
		const struct member *f = &a->members[i], *g = &b->members[i];

		assert_string_equal(f->where, g->where);
		assert_string_equal(f->format, g->format);
		assert_int_equal(f->offset, g->offset);
		assert_int_equal(f->size, g->size);
	}
	assert_int_equal(a->line_count, b->line_count);
	assert_int_equal(a->lines_skipped, b->lines_skipped);
	for (size_t i = 0; i < a->line_count; i++) {
		const struct line *f = &a->lines[i], *g = &b->lines[i];

		assert_string_equal(f->text, g->text);
		assert_string_equal(f->why, g->why);
		assert_string_equal(f->where, g->where);
		assert_int_equal(f->verdict, g->verdict);
		assert_int_equal(f->offset, g->offset);
		assert_int_equal(f->skipped, g->skipped);
	}
}

static void
test_report_arrives_as_it_was_sent(void **state)
{
	AUTO(report) struct report in = { 0 }, out = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	struct wire_summary s;
	size_t length;

	(void)state;
	report_fill(&in);
	report_init(&out);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	assert_int_equal(wire_answer_length(
			     frame.data, frame.size, WIRE_REPORT_MAX, &length),
	    ERR_OK);
	assert_int_equal(length, frame.size);
	assert_int_equal(
	    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
	assert_reports_equal(&in, &out);
	assert_null(out.error);
	assert_int_equal(
	    wire_summary_decode(frame.data, frame.size, &s), ERR_OK);
	assert_int_equal(s.id, ID);
	assert_int_equal(s.verdict, VERDICT_MALICIOUS);
	assert_true(s.in_place);
	assert_int_equal(s.size, 1234);
	assert_int_equal(s.bytes_read, 812);
	assert_int_equal(s.elapsed_us, 95);
	assert_string_equal(s.format, "torch-zip");
	assert_string_equal(s.rule, "pickle.import.dangerous");
	assert_string_equal(s.message, in.findings[1].message);
	assert_string_equal(s.where, "a/data.pkl");
}

/* A decoded report can go on growing. */
static void
test_decoded_report_still_knows_its_imports(void **state)
{
	AUTO(report) struct report in = { 0 }, out = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	struct import again;

	(void)state;
	report_fill(&in);
	report_init(&out);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	assert_int_equal(
	    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
	again = out.imports[1];
	assert_int_equal(report_import(&out, &again), 1);
	again.name = "fork";
	again.name_size = 4;
	assert_int_equal(report_import(&out, &again), 2);
	report_find(&out, RULE_FILE_TRUNCATED, "", 0, NULL);
	assert_int_equal(out.finding_count, in.finding_count + 1);
}

static void
test_error_is_never_clean(void **state)
{
	AUTO(report) struct report in = { 0 }, out = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	struct wire_summary s;

	(void)state;
	report_init(&in);
	report_init(&out);
	in.error = "out of memory";
	assert_int_equal(in.verdict, VERDICT_CLEAN);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	assert_int_equal(
	    wire_summary_decode(frame.data, frame.size, &s), ERR_OK);
	assert_int_equal(s.verdict, VERDICT_UNVERIFIED);
	assert_string_equal(s.message, "out of memory");
	/* and a forged one that says clean all the same */
	frame.data[ANSWER_HEAD + 8] = VERDICT_CLEAN;
	assert_int_equal(
	    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
	assert_int_equal(out.verdict, VERDICT_UNVERIFIED);
	assert_string_equal(out.error, "out of memory");
}

/* A report too large for its frame: worst entries stay, verdict stays. */
static void
test_cut_report_keeps_its_worst(void **state)
{
	AUTO(report) struct report in = { 0 };
	size_t last_imports = 0;

	(void)state;
	report_init(&in);
	for (unsigned i = 0; i < 100; i++)
		report_find(&in, RULE_PICKLE_IMPORT_UNKNOWN, "m", i, "n%u", i);
	report_find(&in, RULE_PICKLE_IMPORT_DANGEROUS, "m", 1, "os.system");
	for (unsigned i = 0; i < 3000; i++) {
		char name[16];
		struct import m = { .module = "mod",
			.module_size = 3,
			.name = name,
			.name_size = sizeof(name),
			.verdict = i == 2999 ? VERDICT_MALICIOUS : 0,
			.where = "m" };

		memset(name, 'a', sizeof(name));
		memcpy(name, &i, sizeof(i));
		assert_int_not_equal(report_import(&in, &m), SIZE_MAX);
	}
	for (size_t max = 4096; max < 300000; max += 9973) {
		AUTO(report) struct report out = { 0 };
		AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
		bool all;

		report_init(&out);
		assert_int_equal(
		    wire_answer_encode(&in, ID, max, &frame), ERR_OK);
		assert_true(frame.size <= max);
		assert_int_equal(
		    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
		assert_int_equal(out.verdict, VERDICT_MALICIOUS);
		assert_string_equal(out.findings[out.finding_count - 1].rule,
		    "pickle.import.dangerous");
		all = out.finding_count == in.finding_count &&
		    out.import_count == in.import_count;
		assert_int_equal(out.cut, !all);
		if (out.import_count != 0)
			assert_int_equal(
			    out.imports[out.import_count - 1].verdict,
			    VERDICT_MALICIOUS);
		assert_true(out.import_count >= last_imports);
		last_imports = out.import_count;
	}
	assert_int_equal(last_imports, in.import_count);
}

static void
test_answer_that_cannot_fit_is_a_limit(void **state)
{
	AUTO(report) struct report in = { 0 };
	AUTO(buf) struct buf small = buf_new(16);
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);

	(void)state;
	report_fill(&in);
	assert_int_equal(wire_answer_encode(&in, ID, 64, &frame), ERR_LIMIT);
	assert_int_equal(frame.size, 0);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &small), ERR_LIMIT);
}

static void
test_summary_is_clipped_at_a_whole_character(void **state)
{
	AUTO(report) struct report in = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	char sentence[WIRE_TEXT_MAX + 20];
	struct wire_summary s;

	(void)state;
	report_init(&in);
	memset(sentence, 'x', sizeof(sentence));
	memcpy(sentence + WIRE_TEXT_MAX - 1, "\xe2\x82\xac", 3);
	sentence[sizeof(sentence) - 1] = '\0';
	report_find_as(&in,
	    &(struct finding){ .rule = "yara.long",
		.severity = SEVERITY_HIGH,
		.verdict = VERDICT_SUSPICIOUS,
		.message = sentence,
		.where = sentence,
		.evidence = "" });
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	assert_int_equal(
	    wire_summary_decode(frame.data, frame.size, &s), ERR_OK);
	assert_int_equal(strlen(s.message), WIRE_TEXT_MAX - 1);
	assert_int_equal(strlen(s.where), WIRE_TEXT_MAX - 1);
}

static void
test_scan_arrives_as_it_was_sent(void **state)
{
	struct wire_scan in = { .id = 1,
		.size = UINT64_MAX,
		.flags = WIRE_DEEP | WIRE_OPEN,
		.report_max = 5,
		.time_ms = 6 };
	struct wire_scan out;
	uint8_t bytes[WIRE_SCAN_MAX];
	size_t n;

	(void)state;
	memset(in.name, 'n', WIRE_NAME_MAX);
	n = wire_scan_encode(&in, bytes, sizeof(bytes));
	assert_int_not_equal(n, 0);
	assert_int_equal(wire_scan_decode(bytes, n, &out), ERR_OK);
	assert_int_equal(out.id, in.id);
	assert_int_equal(out.size, in.size);
	assert_int_equal(out.flags, in.flags);
	assert_int_equal(out.report_max, in.report_max);
	assert_int_equal(out.time_ms, in.time_ms);
	assert_string_equal(out.name, in.name);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(wire_scan_encode(&in, bytes, i), 0);
		assert_int_equal(wire_scan_decode(bytes, i, &out), ERR_PROTO);
	}
	n = wire_scan_encode(&in, bytes, sizeof(bytes));
	assert_int_equal(wire_scan_decode(bytes, n + 1, &out), ERR_PROTO);
	in.flags = 0x80;
	n = wire_scan_encode(&in, bytes, sizeof(bytes));
	assert_int_equal(wire_scan_decode(bytes, n, &out), ERR_PROTO);
	in.flags = 0;
	n = wire_scan_encode(&in, bytes, sizeof(bytes));
	bytes[n - 1] = 0;
	assert_int_equal(wire_scan_decode(bytes, n, &out), ERR_PROTO);
}

struct control_row {
	const char *about;
	struct wire_control message;
	bool sane;
};

static const struct control_row control_rows[] = {
	{ "make five", { .type = WIRE_SPAWN, .count = 5 }, true },
	{ "make none", { .type = WIRE_SPAWN }, false },
	{ "make five of a pid", { .type = WIRE_SPAWN, .pid = 3, .count = 5 },
	    false },
	{ "end one", { .type = WIRE_KILL, .pid = 9 }, true },
	{ "end process group 0", { .type = WIRE_KILL }, false },
	{ "end everything", { .type = WIRE_KILL, .pid = -1 }, false },
	{ "ready", { .type = WIRE_READY }, true },
	{ "ready, with a problem",
	    { .type = WIRE_READY,
		.count = 1,
		.text = "a:1: b",
		.text_size = 6 },
	    true },
	{ "ready, with rules",
	    { .type = WIRE_READY, .loaded = { 1, 2, UINT64_MAX, 4 } }, true },
	{ "a worker", { .type = WIRE_SPAWNED, .pid = 9 }, true },
	{ "a worker, with rules",
	    { .type = WIRE_SPAWNED, .pid = 9, .loaded = { .imports_sum = 1 } },
	    false },
	{ "a worker of no pid", { .type = WIRE_SPAWNED }, false },
	{ "dead", { .type = WIRE_DIED, .pid = 9, .status = 139 }, true },
	{ "dead, with words",
	    { .type = WIRE_DIED, .pid = 9, .text = "a", .text_size = 1 },
	    false },
	{ "nothing", { .type = 0 }, false },
	{ "unheard of", { .type = WIRE_CONTROL_COUNT }, false },
};

static void
test_control_says_only_what_its_type_may(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(control_rows) / sizeof(control_rows[0]);
	     i++) {
		const struct wire_control *in = &control_rows[i].message;
		struct wire_control out;
		uint8_t bytes[64];
		size_t n = wire_control_encode(in, bytes, sizeof(bytes));

		print_message("%s\n", control_rows[i].about);
		assert_int_equal(n != 0, control_rows[i].sane);
		if (n == 0)
			continue;
		assert_int_equal(wire_control_decode(bytes, n, &out), ERR_OK);
		assert_int_equal(out.type, in->type);
		assert_int_equal(out.pid, in->pid);
		assert_int_equal(out.status, in->status);
		assert_int_equal(out.count, in->count);
		assert_memory_equal(
		    &out.loaded, &in->loaded, sizeof(in->loaded));
		assert_int_equal(out.text_size, in->text_size);
		assert_memory_equal(
		    out.text, in->text == NULL ? "" : in->text, in->text_size);
		/* the sender may lie about the type, too */
		bytes[4] = WIRE_CONTROL_COUNT;
		assert_int_equal(
		    wire_control_decode(bytes, n, &out), ERR_PROTO);
		bytes[0] ^= 1;
		assert_int_equal(
		    wire_control_decode(bytes, n, &out), ERR_PROTO);
	}
}

static void
test_control_of_wrong_length_is_refused(void **state)
{
	const struct wire_control in = { .type = WIRE_KILL, .pid = 9 };
	struct wire_control out;
	uint8_t bytes[64] = { 0 };
	size_t n = wire_control_encode(&in, bytes, sizeof(bytes));

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(wire_control_decode(bytes, i, &out),
		    i == n ? ERR_OK : ERR_PROTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report_arrives_as_it_was_sent),
		cmocka_unit_test(test_decoded_report_still_knows_its_imports),
		cmocka_unit_test(test_error_is_never_clean),
		cmocka_unit_test(test_cut_report_keeps_its_worst),
		cmocka_unit_test(test_answer_that_cannot_fit_is_a_limit),
		cmocka_unit_test(test_summary_is_clipped_at_a_whole_character),
		cmocka_unit_test(test_scan_arrives_as_it_was_sent),
		cmocka_unit_test(test_control_says_only_what_its_type_may),
		cmocka_unit_test(test_control_of_wrong_length_is_refused),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
