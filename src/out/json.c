/* SPDX-License-Identifier: Apache-2.0 */
/* json: one object for each file. */
#include <string.h>

#include "base/own.h"
#include "out/out.h"

enum { ADVICE_MAX = 4096 };

/* A number may be larger than a double holds exactly; JSON does not mind. */
static void
json_number(struct out *o, const char *key, uint64_t n)
{
	out_puts(o, ",\"");
	out_puts(o, key);
	out_puts(o, "\":");
	out_number(o, n);
}

static void
json_bool(struct out *o, const char *key, bool value)
{
	out_puts(o, ",\"");
	out_puts(o, key);
	out_puts(o, value ? "\":true" : "\":false");
}

void
out_json_findings(struct out *o, const struct report *r)
{
	out_puts(o, "[");
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		out_puts(o, i == 0 ? "{" : ",{");
		out_member(o, true, "rule", f->rule);
		out_member(o, false, "severity", severity_name(f->severity));
		out_member(o, false, "message", f->message);
		out_member(o, false, "where", f->where);
		json_number(o, "offset", f->offset);
		out_member(o, false, "evidence", f->evidence);
		json_number(o, "count", f->count);
		out_puts(o, "}");
	}
	out_puts(o, "]");
}

void
out_json_imports(struct out *o, const struct report *r)
{
	out_puts(o, "[");
	for (size_t i = 0; i < r->import_count; i++) {
		const struct import *m = &r->imports[i];

		out_puts(o, i == 0 ? "{\"module\":" : ",{\"module\":");
		out_string(o, m->module, m->module_size);
		out_puts(o, ",\"name\":");
		out_string(o, m->name, m->name_size);
		out_member(o, false, "use", use_name(m->use));
		out_member(o, false, "where", m->where);
		json_number(o, "offset", m->offset);
		out_member(o, false, "verdict", verdict_name(m->verdict));
		out_member(o, false, "reason", m->reason);
		out_puts(o, "}");
	}
	out_puts(o, "]");
}

void
out_json_file(struct out *o, const char *path, const struct report *r)
{
	out_member(o, true, "path", path);
	out_member(o, false, "verdict", verdict_name(r->verdict));
	out_member(o, false, "format", r->format);
	json_bool(o, "in_place", r->in_place);
	json_number(o, "size", r->size);
	json_number(o, "bytes_read", r->bytes_read);
	json_number(o, "elapsed_us", r->elapsed_us);
	out_puts(o, ",\"findings\":");
	out_json_findings(o, r);
	out_puts(o, ",\"imports\":");
	out_json_imports(o, r);
	if (r->error == NULL)
		out_puts(o, ",\"error\":null");
	else
		out_member(o, false, "error", r->error);
	if (r->cut)
		json_bool(o, "cut", true);
}

static void
jsonl_begin(struct out *o)
{
	(void)o;
}

static void
jsonl_file(struct out *o, const char *path, const struct report *r)
{
	out_puts(o, "{");
	out_json_file(o, path, r);
	out_puts(o, "}\n");
}

static void
jsonl_end(struct out *o, struct out_totals *t)
{
	(void)o;
	(void)t;
}

const struct writer out_jsonl = {
	.name = "jsonl",
	.begin = jsonl_begin,
	.file = jsonl_file,
	.end = jsonl_end,
};

/* What the pages say of the rules that were found, each once. */
static void
json_rules(struct out *o, const struct report *r)
{
	bool first = true;

	out_puts(o, "[");
	for (size_t i = 0; i < r->finding_count; i++) {
		AUTO(buf) struct buf advice = buf_new(ADVICE_MAX);
		const char *rule = r->findings[i].rule, *page = out_page(rule);
		size_t k = 0;

		while (k < i && strcmp(r->findings[k].rule, rule) != 0)
			k++;
		if (k < i || page == NULL)
			continue;
		(void)out_advice(&advice, rule);
		out_puts(o, first ? "{" : ",{");
		out_member(o, true, "rule", rule);
		out_member(o, false, "advice", buf_text(&advice));
		out_member(o, false, "page", page);
		out_puts(o, "}");
		first = false;
	}
	out_puts(o, "]");
}

static void
json_line(struct out *o, const struct line *l, bool first)
{
	out_puts(o, first ? "{" : ",{");
	out_member(o, true, "where", l->where);
	json_number(o, "offset", l->offset);
	out_member(o, false, "code", l->text);
	out_member(o, false, "verdict", verdict_name(l->verdict));
	out_member(o, false, "reason", l->why);
	if (l->skipped != 0)
		json_number(o, "skipped", l->skipped);
	out_puts(o, "}");
}

void
out_explain_json(struct out *o, const char *path, const struct report *r)
{
	out_puts(o, "{");
	out_json_file(o, path, r);
	out_member(o, false, "meaning", out_verdict_text(r->verdict));
	out_member(o, false, "advice", out_verdict_advice(r->verdict));
	out_puts(o, ",\"members\":[");
	for (size_t i = 0; i < r->member_count; i++) {
		const struct member *m = &r->members[i];

		out_puts(o, i == 0 ? "{" : ",{");
		out_member(o, true, "where", m->where);
		out_member(o, false, "format", m->format);
		json_number(o, "offset", m->offset);
		if (m->size == UINT64_MAX)
			out_puts(o, ",\"size\":null");
		else
			json_number(o, "size", m->size);
		out_puts(o, "}");
	}
	out_puts(o, "],\"rules\":");
	json_rules(o, r);
	out_puts(o, ",\"steps\":[");
	for (size_t i = 0; i < r->line_count; i++)
		json_line(o, &r->lines[i], i == 0);
	out_puts(o, "]");
	json_number(o, "steps_skipped", r->lines_skipped);
	out_puts(o, "}\n");
}
