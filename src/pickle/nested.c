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
	TEXT_BLOCK = 4 * 1024,     /* bytes of it, at once */
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

/* An archive, an array, or what some loader unpacks by itself. */
static bool
begins_packed(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t size;
		char mark[6];
	} marks[] = { { 4, "PK\003\004" }, { 6, "\x93NUMPY" },
		{ 3, "\x1f\x8b\x08" }, { 3, "BZh" },
		{ 5,
		    "\xfd"
		    "7zXZ" },
		{ 4, "\x28\xb5\x2f\xfd" }, { 4, "\x04\x22\x4d\x18" },
		{ 2, "\x78\x01" }, { 2, "\x78\x5e" }, { 2, "\x78\x9c" },
		{ 2, "\x78\xda" } };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (n >= marks[i].size &&
		    memcmp(p, marks[i].mark, marks[i].size) == 0)
			return true;
	return false;
}

bool
nested_looks(const uint8_t *p, size_t n)
{
	size_t i = 0, module;

	if (n < 4)
		return false;
	if (p[0] == 0x80)
		return p[1] <= PROTOCOL_MAX && opcodes[p[2]].name != NULL;
	if (begins_packed(p, n))
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

/* The text at pos, undone, into out.  What is too long is cut, and the engine
 * says of what is inside that it is. */
static enum err
text_undo(struct machine *m, uint64_t pos, uint64_t size, enum textform form,
    struct buf *out)
{
	struct textform_piece piece = { .form = form };
	uint8_t block[TEXT_BLOCK];
	enum err e = ERR_OK;

	while (e == ERR_OK && size > 0) {
		size_t want =
		    size < sizeof(block) ? (size_t)size : sizeof(block);
		size_t got = 0;

		e = source_read_some(m->scan->source, pos, block, want, &got);
		if (e != ERR_OK || got == 0)
			return e;
		e = textform_undo(&piece, block, got, out);
		pos += got;
		size -= got;
	}
	return e == ERR_LIMIT && out->size == out->max ? ERR_OK : e;
}

void
nested_visit_text(struct machine *m, uint64_t pos, uint64_t size,
    const uint8_t *front, size_t n)
{
	enum textform form = textform_tell(front, n);
	struct textform_piece piece = { .form = form };
	AUTO(buf) struct buf bytes = buf_new(DECODED_MAX);
	bool known;

	if (form == TEXTFORM_NONE || m->holes != NULL || m->base != 0 ||
	    textform_undo(&piece, front, n, &bytes) != ERR_OK ||
	    !nested_may(bytes.data, bytes.size))
		return;
	buf_clear(&bytes);
	if (text_undo(m, pos, size, form, &bytes) == ERR_OK)
		(void)nested_visit_memory(m, pos, &bytes, &known);
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
