/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sarif: findings for code scanning services and editors.
 *
 * Reference: SARIF 2.1.0 (OASIS), 3.14 run, 3.20 invocation, 3.27 result,
 * 3.29 physicalLocation, 3.30 region, 3.49 reportingDescriptor.
 *
 * Results are written as they come; the rules that they name and whatever
 * could not be scanned follow at the end of the run.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "out/out.h"

static const char *
sarif_level(enum severity s)
{
	switch (s) {
	case SEVERITY_CRITICAL:
	case SEVERITY_HIGH:
		return "error";
	case SEVERITY_MEDIUM:
		return "warning";
	case SEVERITY_LOW:
	case SEVERITY_INFO:
	case SEVERITY_COUNT:
		break;
	}
	return "note";
}

/* A path as a URI reference: every byte that is not plain is escaped, so that
 * a colon makes no scheme and two slashes no host. */
static void
sarif_uri(struct out *o, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";

	out_puts(o, path[0] == '/' ? "\"file://" : "\"");
	for (const unsigned char *p = (const unsigned char *)path; *p != 0;
	     p++) {
		char plain[2] = { (char)*p, '\0' };
		char escaped[4] = { '%', hex[*p >> 4], hex[*p & 15], '\0' };

		out_puts(o,
		    *p < 0x80 && (isalnum(*p) || strchr("-._~/", *p))
			? plain
			: escaped);
	}
	out_puts(o, "\"");
}

static void
sarif_location(struct out *o, const char *path, const struct finding *f)
{
	out_puts(o,
	    "\"locations\":[{\"physicalLocation\":{"
	    "\"artifactLocation\":{\"uri\":");
	sarif_uri(o, path);
	out_puts(o, "}");
	/* An offset inside a member is none in the file. */
	if (f->where[0] == '\0') {
		out_puts(o, ",\"region\":{\"byteOffset\":");
		out_number(o, f->offset);
		out_puts(o, "}");
	}
	out_puts(o, "}");
	if (f->where[0] != '\0') {
		out_puts(o, ",\"logicalLocations\":[{");
		out_member(o, true, "fullyQualifiedName", f->where);
		out_member(o, false, "kind", "member");
		out_puts(o, "}]");
	}
	out_puts(o, "}]");
}

static void
sarif_result(struct out *o, const char *path, const struct report *r,
    const struct finding *f)
{
	out_see_rule(o, f->rule);
	out_puts(o, o->any ? ",\n{" : "\n{");
	o->any = true;
	out_member(o, true, "ruleId", f->rule);
	out_member(o, false, "level", sarif_level(f->severity));
	out_puts(o, ",\"message\":{");
	out_member(o, true, "text", f->message);
	out_puts(o, "},");
	sarif_location(o, path, f);
	out_puts(o, ",\"occurrenceCount\":");
	out_number(o, f->count == 0 ? 1 : f->count);
	out_puts(o, ",\"properties\":{");
	out_member(o, true, "severity", severity_name(f->severity));
	out_member(o, false, "verdict", verdict_name(r->verdict));
	out_member(o, false, "format", r->format);
	out_puts(o, ",\"offset\":");
	out_number(o, f->offset);
	out_puts(o, "}}");
}

/* A file that could not be scanned: a notification of the tool. */
static void
sarif_note(struct out *o, const char *path, const char *error)
{
	struct out note = out_new(-1, false);

	if (o->notes.size != 0)
		out_puts(&note, ",");
	out_puts(&note, "{\"level\":\"error\",\"message\":{");
	out_member(&note, true, "text", error);
	out_puts(&note,
	    "},\"locations\":[{\"physicalLocation\":{"
	    "\"artifactLocation\":{\"uri\":");
	sarif_uri(&note, path);
	out_puts(&note, "}}}]}");
	/* The run is marked as failed with or without each reason. */
	if (note.error == 0)
		(void)!buf_add(&o->notes, note.buf.data, note.buf.size);
	out_free(&note);
}

static void
sarif_begin(struct out *o)
{
	out_puts(o,
	    "{\"$schema\":\"https://json.schemastore.org/"
	    "sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
	    "\"results\":[");
}

static void
sarif_file(struct out *o, const char *path, const struct report *r)
{
	if (r->error != NULL)
		sarif_note(o, path, r->error);
	for (size_t i = 0; i < r->finding_count; i++)
		sarif_result(o, path, r, &r->findings[i]);
}

static void
sarif_rule(struct out *o, bool *first, const char *id, const char *sentence)
{
	out_puts(o, *first ? "\n{" : ",\n{");
	*first = false;
	out_member(o, true, "id", id);
	if (sentence != NULL) {
		out_puts(o, ",\"shortDescription\":{");
		out_member(o, true, "text", sentence);
		out_puts(o, "}");
	}
	out_puts(o, "}");
}

static void
sarif_end(struct out *o, struct out_totals *t)
{
	const char *at = buf_text(&o->extra), *end = at + o->extra.size;
	bool first = true;

	out_puts(o,
	    "],\n\"tool\":{\"driver\":{\"name\":\"ckptguard\","
	    "\"version\":\"" PACKAGE_VERSION "\",\"rules\":[");
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *row = rule_row((enum rule)i);

		if (o->seen[i])
			sarif_rule(o, &first, row->id, row->sentence);
	}
	for (; at < end; at += strlen(at) + 1)
		sarif_rule(o, &first, at, NULL);
	out_puts(o, "]}},\n\"invocations\":[{\"executionSuccessful\":");
	out_puts(o, t->failed == 0 && !t->interrupted ? "true" : "false");
	out_puts(o, ",\"toolExecutionNotifications\":[");
	out_puts(o, buf_text(&o->notes));
	out_puts(o, "]}]}]}\n");
}

const struct writer out_sarif = {
	.name = "sarif",
	.begin = sarif_begin,
	.file = sarif_file,
	.end = sarif_end,
};
