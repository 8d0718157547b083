/* SPDX-License-Identifier: Apache-2.0 */
/* nested: a cheap look at the front, then the engine. */
#include "pickle/nested.h"

#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

enum {
	OPENERS = 8,               /* MARK and the like before the first name */
	NAME = 128,                /* bytes of a name in a nested text pickle */
	DECODED_MAX = 1024 * 1024, /* of a text form, decoded */
};

/* A dotted identifier and a newline: its size with the newline, or 0. */
static size_t
name_line(const uint8_t *p, size_t n)
{
	const uint8_t *end =
	    n == 0 ? NULL : memchr(p, '\n', n < NAME ? n : NAME);

	if (end == NULL || end == p)
		return 0;
	for (const uint8_t *c = p; c < end; c++)
		if (!((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') &&
		    !(*c >= '0' && *c <= '9') && *c != '_' && *c != '.')
			return 0;
	return (size_t)(end - p) + 1;
}

bool
nested_looks(const uint8_t *p, size_t n)
{
	size_t i = 0, module;

	if (n < 4)
		return false;
	if (p[0] == 0x80)
		return p[1] <= PROTOCOL_MAX && opcodes[p[2]].name != NULL;
	if (memcmp(p, "PK\003\004", 4) == 0)
		return true;
	while (
	    i < OPENERS && i < n && p[i] != 0 && strchr("()]}dl", p[i]) != NULL)
		i++;
	if (i >= n || (p[i] != 'c' && p[i] != 'i'))
		return false;
	module = name_line(p + i + 1, n - i - 1);
	return module != 0 &&
	    name_line(p + i + 1 + module, n - i - 1 - module) != 0;
}

static enum verdict
visit(struct machine *m, uint64_t pos, const struct source *bytes, bool *known)
{
	struct child child = { .name = "nested",
		.name_size = strlen("nested"),
		.offset = machine_place_of(m, pos),
		.kind = CHILD_NESTED };
	struct child_result result = { 0 };

	*known = false;
	if (m->scan->children++ >= SCAN_CHILDREN) {
		machine_find(m, RULE_PICKLE_NESTED_MANY, NULL);
		return VERDICT_UNVERIFIED;
	}
	if (visit_child(m->scan->visit, &child, bytes, &result) != ERR_OK)
		return VERDICT_UNVERIFIED;
	*known = result.format != NULL;
	return result.format == NULL ? VERDICT_UNKNOWN : result.verdict;
}

enum verdict
nested_visit(struct machine *m, uint64_t pos, uint64_t size, bool *known)
{
	struct source view;

	*known = false;
	/* Where bytes were dropped, the payload may be in two pieces; the file
	 * is malicious by then. */
	if (m->holes != NULL || m->base != 0 ||
	    source_view(m->scan->source, pos, size, &view) != ERR_OK)
		return VERDICT_UNVERIFIED;
	return visit(m, pos, &view, known);
}

enum verdict
nested_visit_memory(
    struct machine *m, uint64_t pos, const struct buf *bytes, bool *known)
{
	struct source view =
	    source_memory(buf_text(bytes), bytes->size, m->scan->visit->budget);
	enum verdict v;

	if (budget_take(view.budget, BUDGET_MEMORY, bytes->room) != ERR_OK)
		return VERDICT_UNVERIFIED;
	v = visit(m, pos, &view, known);
	budget_give(view.budget, bytes->room);
	return v;
}

enum verdict
nested_visit_value(struct machine *m, value v, bool *known)
{
	AUTO(buf) struct buf text = buf_new(DECODED_MAX);
	uint64_t pos, size;

	*known = false;
	if (value_kind(v) == KIND_BYTES || value_kind(v) == KIND_BYTEARRAY) {
		if (text_find(m, v, &pos, &size) != ERR_OK)
			return VERDICT_UNVERIFIED;
		return nested_visit(m, pos, size, known);
	}
	if (value_kind(v) != KIND_STR || text_read_raw(m, v, &text) != ERR_OK)
		return VERDICT_UNVERIFIED;
	return nested_visit_memory(m, value_payload(v), &text, known);
}
