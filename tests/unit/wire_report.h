/* SPDX-License-Identifier: Apache-2.0 */
/* wire_report: the report that the tests of wire/ send. */
#ifndef TESTS_UNIT_WIRE_REPORT_H
#define TESTS_UNIT_WIRE_REPORT_H

#include "model/report.h"

/* A report with something of everything. */
static inline void
report_fill(struct report *r)
{
	struct import m = { .module = "os\0x",
		.module_size = 4,
		.name = "system",
		.name_size = 6,
		.use = USE_CALL,
		.verdict = VERDICT_MALICIOUS,
		.reason = "runs commands",
		.where = "a/data.pkl",
		.offset = 17 };

	report_init(r);
	r->format = "torch-zip";
	r->in_place = true;
	r->size = 1234;
	r->bytes_read = 812;
	r->elapsed_us = 95;
	report_find(r, RULE_FILE_MALFORMED, "", 3, NULL);
	report_find(
	    r, RULE_PICKLE_IMPORT_DANGEROUS, "a/data.pkl", 17, "os.system");
	report_find(
	    r, RULE_PICKLE_IMPORT_DANGEROUS, "a/data.pkl", 18, "os.system");
	(void)report_import(r, &m);
	m.name = "popen";
	m.name_size = 5;
	m.use = USE_IMPORT;
	(void)report_import(r, &m);
	report_member(r, &(struct member){ "", "torch-zip", 0, 1234 });
	report_member(r, &(struct member){ "a/data.pkl", "pickle", 64, 99 });
	r->explain = true;
	report_line_skip(r, 3);
	report_line(r,
	    &(struct line){ .text = "_1 = os.system('x')",
		.why = "runs commands",
		.where = "a/data.pkl",
		.offset = 17,
		.verdict = VERDICT_MALICIOUS });
	report_line(r,
	    &(struct line){ .text = "return _1",
		.why = "",
		.where = "a/data.pkl",
		.offset = 18 });
	report_line_skip(r, 2);
}

#endif /* TESTS_UNIT_WIRE_REPORT_H */
