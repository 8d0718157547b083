/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wire: whatever a taken-over worker or template could send.
 *
 * The bytes are given to every decoder.  What a decoder takes must be within
 * its bounds, and, encoded and decoded again, must be the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "model/limits.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
try_scan(const uint8_t *data, size_t size)
{
	uint8_t again[WIRE_SCAN_MAX];
	struct wire_scan scan;

	if (wire_scan_decode(data, size, &scan) != ERR_OK)
		return;
	must(wire_scan_encode(&scan, again, sizeof(again)) == size);
	must(memcmp(data, again, size) == 0);
}

static void
try_control(const uint8_t *data, size_t size)
{
	AUTO_FREE uint8_t *again = malloc(WIRE_CONTROL_MAX);
	struct wire_control control;

	must(again != NULL);
	if (wire_control_decode(data, size, &control) != ERR_OK)
		return;
	must(wire_control_encode(&control, again, WIRE_CONTROL_MAX) == size);
	must(memcmp(data, again, size) == 0);
}

/* Every string must end where it says; reading them all shows it. */
static void
read_all(const struct report *r, size_t size)
{
	size_t sum = strlen(r->format);

	must(r->finding_count <= LIMIT_FINDINGS);
	must(r->import_count <= LIMIT_IMPORTS);
	must(r->member_count <= LIMIT_TREE);
	must(r->line_count <= LIMIT_LINES);
	must(r->arena.used <= size + 16);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		must(f->severity < SEVERITY_COUNT);
		must(f->verdict < VERDICT_COUNT);
		sum += strlen(f->rule) + strlen(f->message) +
		    strlen(f->evidence) + strlen(f->where);
	}
	for (size_t i = 0; i < r->import_count; i++) {
		const struct import *m = &r->imports[i];

		must(m->use < USE_COUNT && m->verdict < VERDICT_COUNT);
		must(m->module[m->module_size] == '\0');
		must(m->name[m->name_size] == '\0');
		sum += strlen(m->reason) + strlen(m->where);
	}
	for (size_t i = 0; i < r->member_count; i++)
		sum +=
		    strlen(r->members[i].format) + strlen(r->members[i].where);
	for (size_t i = 0; i < r->line_count; i++) {
		const struct line *l = &r->lines[i];

		must(l->verdict < VERDICT_COUNT);
		sum += strlen(l->text) + strlen(l->why) + strlen(l->where);
	}
	must(sum < SIZE_MAX);
}

static void
try_answer(const uint8_t *data, size_t size)
{
	AUTO(report) struct report r = { 0 };
	AUTO(buf) struct buf again = buf_new(WIRE_REPORT_MAX);
	AUTO(buf) struct buf small = buf_new(WIRE_REPORT_MAX);
	struct wire_summary summary;
	size_t length = 0;
	enum err e;

	report_init(&r);
	e = wire_report_decode(data, size, &r);
	if (e != ERR_OK)
		return;
	must(
	    wire_answer_length(data, size, WIRE_REPORT_MAX, &length) == ERR_OK);
	must(length == size);
	must(wire_summary_decode(data, size, &summary) == ERR_OK);
	must(r.error == NULL || r.verdict >= VERDICT_UNVERIFIED);
	read_all(&r, size);
	must(wire_answer_encode(&r, summary.id, WIRE_REPORT_MAX, &again) ==
	    ERR_OK);
	must(wire_report_decode(again.data, again.size, &r) == ERR_OK);
	e = wire_answer_encode(&r, summary.id, size, &small);
	must(e == ERR_LIMIT || (e == ERR_OK && small.size <= size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_summary summary;
	size_t length = 0;

	try_scan(data, size);
	try_control(data, size);
	if (wire_answer_length(data, size, WIRE_REPORT_GATE, &length) == ERR_OK)
		must(length <= WIRE_REPORT_GATE);
	if (wire_summary_decode(data, size, &summary) == ERR_OK)
		must(summary.verdict < VERDICT_COUNT);
	try_answer(data, size);
	return 0;
}
