/* SPDX-License-Identifier: Apache-2.0 */
/* A forged answer is refused, and costs no more than its own bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "model/limits.h"
#include "wire/answer.h"
#include "wire/put.h"
#include "wire/wire.h"

#include "wire_report.h"

enum { ID = 77 };

/* Each prefix of a frame, the frame and one byte more. */
static void
test_cut_or_trailing_bytes_are_refused(void **state)
{
	AUTO(report) struct report in = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	struct wire_summary s;
	size_t n, length;

	(void)state;
	report_fill(&in);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	n = frame.size;
	assert_int_equal(buf_add(&frame, "x", 1), ERR_OK);
	for (size_t i = 0; i <= n + 1; i++) {
		AUTO(report) struct report out = { 0 };
		struct put p = put_over(frame.data + 4, 4);

		report_init(&out);
		if (i == n)
			continue;
		/* with the length as it was, and with one that agrees */
		assert_int_equal(
		    wire_report_decode(frame.data, i, &out), ERR_PROTO);
		put_u32(&p, (uint32_t)i);
		assert_int_equal(
		    wire_report_decode(frame.data, i, &out), ERR_PROTO);
		p = put_over(frame.data + 4, 4);
		put_u32(&p, (uint32_t)n);
		assert_int_equal(
		    wire_summary_decode(frame.data, i, &s), ERR_PROTO);
		assert_int_equal(
		    wire_answer_length(frame.data, i, WIRE_REPORT_MAX, &length),
		    ERR_OK);
		assert_int_equal(length, i < ANSWER_HEAD ? 0 : n);
	}
}

/* Every byte replaced by several others: refused, or a report in bounds. */
static void
test_forged_bytes_never_lead_out_of_the_frame(void **state)
{
	static const uint8_t forged[] = { 0, 1, 0x7f, 0x80, 0xff };
	AUTO(report) struct report in = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	size_t refused = 0;

	(void)state;
	report_fill(&in);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	for (size_t i = 0; i < frame.size * sizeof(forged); i++) {
		AUTO(report) struct report out = { 0 };
		AUTO_FREE uint8_t *copy = malloc(frame.size);
		size_t sum = 0;

		assert_non_null(copy);
		memcpy(copy, frame.data, frame.size);
		copy[i / sizeof(forged)] = forged[i % sizeof(forged)];
		report_init(&out);
		if (wire_report_decode(copy, frame.size, &out) != ERR_OK) {
			refused++;
			continue;
		}
		assert_true(out.arena.used <= frame.size + 16);
		for (size_t k = 0; k < out.finding_count; k++)
			sum += strlen(out.findings[k].rule) +
			    strlen(out.findings[k].message) +
			    strlen(out.findings[k].evidence) +
			    strlen(out.findings[k].where);
		for (size_t k = 0; k < out.import_count; k++)
			sum += strlen(out.imports[k].reason) +
			    out.imports[k].module_size;
		assert_true(sum <= 4 * frame.size);
	}
	assert_true(refused > frame.size);
}

struct lie {
	const char *about;
	size_t at; /* from the start of the frame */
	uint8_t bytes[4];
	size_t size;
};

/* An empty report has its fields at known places. */
enum {
	AT_VERDICT = ANSWER_HEAD + 8,
	AT_IN_PLACE,
	AT_FORMAT = ANSWER_HEAD + 8 + 1 + 1 + 24,
	AT_CUT = ANSWER_HEAD + ANSWER_SUMMARY + 5 /* "other" */,
	AT_REPORT_FORMAT = AT_CUT + 1,
	AT_FAILED = AT_REPORT_FORMAT + 4 + 5 + 1,
	AT_ERROR = AT_FAILED + 1,
	AT_FINDINGS = AT_ERROR + 5,
	AT_IMPORTS = AT_FINDINGS + 4,
	AT_MEMBERS = AT_IMPORTS + 4,
	AT_LINES = AT_MEMBERS + 4,
};

static const struct lie lies[] = {
	{ "another magic", 0, { 'X' }, 1 },
	{ "a length of nothing", 4, { 0, 0, 0, 0 }, 4 },
	{ "a length of 4 GB", 4, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "a verdict that there is not", AT_VERDICT, { VERDICT_COUNT }, 1 },
	{ "in place, twice", AT_IN_PLACE, { 2 }, 1 },
	{ "a format longer than the frame", AT_FORMAT, { 0, 0, 0, 0x80 }, 4 },
	{ "a format without its NUL", AT_FORMAT + 4 + 5, { 'x' }, 1 },
	{ "a format with a NUL inside", AT_FORMAT + 4 + 2, { 0 }, 1 },
	{ "cut, three times", AT_CUT, { 3 }, 1 },
	{ "a NUL inside the report's format", AT_REPORT_FORMAT + 5, { 0 }, 1 },
	{ "failed, but how", AT_FAILED, { 0x80 }, 1 },
	{ "an error that wraps", AT_ERROR, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "one finding in no bytes", AT_FINDINGS, { 1 }, 1 },
	{ "4 billion findings", AT_FINDINGS, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "4 billion imports", AT_IMPORTS, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "one import in no bytes", AT_IMPORTS, { 1 }, 1 },
	{ "4 billion members", AT_MEMBERS, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "4 billion lines", AT_LINES, { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "one line in no bytes", AT_LINES, { 1 }, 1 },
};

static void
test_lies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		AUTO(report) struct report in = { 0 }, out = { 0 };
		AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);

		print_message("%s\n", lies[i].about);
		report_init(&in);
		report_init(&out);
		assert_int_equal(
		    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame),
		    ERR_OK);
		assert_int_equal(frame.size, AT_LINES + 4 + 8);
		assert_int_equal(
		    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
		memcpy(frame.data + lies[i].at, lies[i].bytes, lies[i].size);
		assert_int_equal(
		    wire_report_decode(frame.data, frame.size, &out),
		    ERR_PROTO);
		/* what was there before is still there */
		assert_string_equal(out.format, "other");
	}
}

/* Counts that the bytes do justify, but no report may have. */
static void
test_more_entries_than_a_report_holds_are_refused(void **state)
{
	AUTO(report) struct report in = { 0 }, out = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	const size_t extra = (LIMIT_FINDINGS + 1) * ANSWER_FINDING;
	struct put p;

	(void)state;
	report_init(&in);
	report_init(&out);
	assert_int_equal(
	    wire_answer_encode(&in, ID, WIRE_REPORT_MAX, &frame), ERR_OK);
	assert_non_null(buf_grow(&frame, extra));
	memmove(frame.data + AT_IMPORTS + extra, frame.data + AT_IMPORTS,
	    frame.size - AT_IMPORTS);
	memset(frame.data + AT_IMPORTS, 0, extra);
	frame.size += extra;
	p = put_over(frame.data + 4, 4);
	put_u32(&p, (uint32_t)frame.size);
	p = put_over(frame.data + AT_FINDINGS, 4);
	put_u32(&p, LIMIT_FINDINGS + 1);
	assert_int_equal(
	    wire_report_decode(frame.data, frame.size, &out), ERR_PROTO);
	/* one less is fine, so the row above fails for its reason */
	frame.size -= ANSWER_FINDING;
	p = put_over(frame.data + 4, 4);
	put_u32(&p, (uint32_t)frame.size);
	p = put_over(frame.data + AT_FINDINGS, 4);
	put_u32(&p, LIMIT_FINDINGS);
	assert_int_equal(
	    wire_report_decode(frame.data, frame.size, &out), ERR_OK);
	assert_int_equal(out.finding_count, LIMIT_FINDINGS);
}

static void
test_length_knows_a_liar_by_its_first_byte(void **state)
{
	static const uint8_t huge[ANSWER_HEAD] = { 'C', 'K', 'A', '2', 0, 0, 0,
		1 };
	size_t length = 5;

	(void)state;
	assert_int_equal(wire_answer_length("", 0, 100, &length), ERR_OK);
	assert_int_equal(length, 0);
	assert_int_equal(wire_answer_length("X", 1, 100, &length), ERR_PROTO);
	assert_int_equal(wire_answer_length("CKX", 3, 100, &length), ERR_PROTO);
	assert_int_equal(
	    wire_answer_length(huge, sizeof(huge), WIRE_REPORT_MAX, &length),
	    ERR_PROTO);
	assert_int_equal(
	    wire_answer_length(huge, sizeof(huge), 1 << 24, &length), ERR_OK);
	assert_int_equal(length, 1 << 24);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_or_trailing_bytes_are_refused),
		cmocka_unit_test(test_forged_bytes_never_lead_out_of_the_frame),
		cmocka_unit_test(test_lies_are_refused),
		cmocka_unit_test(
		    test_more_entries_than_a_report_holds_are_refused),
		cmocka_unit_test(test_length_knows_a_liar_by_its_first_byte),
	};

	return cmocka_run_group_tests_name("wire/forged", tests, NULL, NULL);
}
