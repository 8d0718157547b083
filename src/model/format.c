/* SPDX-License-Identifier: Apache-2.0 */
/* format: the calls a walker makes, passed on to the engine. */
#include "model/format.h"

#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "model/limits.h"

void
visit_recognise(struct visit *v, const char *name, bool in_place)
{
	v->recognised = true;
	v->name = name;
	v->in_place = in_place;
}

enum err
visit_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	return v->ops->child(v, child, bytes, result);
}

void
visit_code(struct visit *v, const void *data, size_t n)
{
	v->ops->code(v, data, n);
}

void
visit_string(struct visit *v, const char *s, size_t n)
{
	v->ops->string(v, s, n);
}

void
visit_line(struct visit *v, uint64_t offset, enum verdict verdict,
    const char *why, const char *text, ...)
{
	char line[LIMIT_LINE + 1];
	va_list args;

	if (!v->report->explain)
		return;
	va_start(args, text);
	(void)vsnprintf(line, sizeof(line), text, args);
	va_end(args);
	report_line(v->report,
	    &(struct line){ .text = line,
		.why = why,
		.where = v->where,
		.offset = offset,
		.verdict = verdict });
}

void
visit_step(
    struct visit *v, uint64_t offset, const char *text, const char *s, size_t n)
{
	AUTO(buf) struct buf quoted = buf_new(LIMIT_LINE);
	const char *at = strstr(text, "%s");

	if (!v->report->explain || at == NULL)
		return;
	if (text_quote(&quoted, s, n, false) != ERR_OK) {
		report_line_skip(v->report, 1);
		return;
	}
	visit_line(v, offset, VERDICT_CLEAN, "", "%.*s%s%s", (int)(at - text),
	    text, buf_text(&quoted), at + strlen("%s"));
}
