/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look: what bytes are that no format claims: a program, a script, numbers.
 *
 * Owns no walk and no report of errors; reads the front of a part, no more.
 */
#include <string.h>
#include <strings.h>

#include "base/ckd.h"
#include "engine/walk.h"
#include "format/hidden.h"
#include "format/script.h"
#include "pickle/pickle.h"

/* Is there a printable text, as scripts are? */
static bool
text_like(struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *s = cursor_take(&head, n);

	for (size_t i = 0; i < n; i++)
		if (s[i] < ' ' && memchr("\t\n\r\f\033", s[i], 5) == NULL)
			return false;
	return n > 0;
}

bool
look_numbers_are_code(
    const struct part *p, const struct format *f, enum sniff sniff)
{
	return sniff == SNIFF_YES ||
	    (f == &format_pickle &&
		pickle_surely_begins(p->head, p->bytes.size));
}

/* Does a loader, or a person, take a member of this name for a program? */
static bool
name_is_script(const char *where)
{
	static const char *const ends[] = { ".py", ".pyw", ".sh", ".bash",
		".bat", ".cmd", ".ps1", ".pth" };
	size_t n = strlen(where);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (n > end && strcasecmp(where + n - end, ends[i]) == 0)
			return true;
	}
	return false;
}

enum err
look_script(struct part *p, const char **out)
{
	const char *front = (const char *)source_bytes(&p->bytes);
	char block[WALK_WHOLE];
	size_t got = (size_t)ckd_min(p->bytes.size, sizeof(block));
	enum err e;

	*out = NULL;
	if (p->kind != CHILD_MEMBER || !text_like(p->head))
		return ERR_OK;
	if (p->beside && name_is_script(p->where)) {
		*out = "text";
		return ERR_OK;
	}
	if (front == NULL) {
		front = block;
		if ((e = source_read_some(
			 &p->bytes, 0, block, sizeof(block), &got)) != ERR_OK)
			return e;
	}
	if (script_is_python(front, got))
		*out = p->beside ? "text" : "script";
	return ERR_OK;
}

enum err
look_program(struct part *p)
{
	uint8_t block[SNIFF_MAX];
	struct cursor head = p->head;
	const uint8_t *mark = cursor_take(&head, 2);
	size_t got;
	enum err e;

	head = p->head;
	if (mark != NULL && memcmp(mark, "MZ", 2) == 0) {
		if ((e = source_read_some(
			 &p->bytes, 0, block, sizeof(block), &got)) != ERR_OK)
			return e;
		head = cursor_over(block, got);
	}
	if (hidden_is_program(head))
		report_find(p->scan->report, RULE_FILE_STORAGE, p->where, 0,
		    "a program");
	return ERR_OK;
}
