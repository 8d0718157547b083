/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look: what bytes are that no format claims: a program, a script, numbers.
 *
 * Owns no walk and no report of errors; reads the front of a part, no more.
 */
#include <string.h>

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

enum err
look_script(struct part *p, bool *out)
{
	const char *front = (const char *)source_bytes(&p->bytes);
	char block[WALK_WHOLE];
	size_t got = (size_t)ckd_min(p->bytes.size, sizeof(block));
	enum err e = ERR_OK;

	*out = p->kind == CHILD_MEMBER && text_like(p->head);
	if (!*out || p->where[0] != '\0')
		return ERR_OK;
	if (front == NULL) {
		front = block;
		e = source_read_some(&p->bytes, 0, block, sizeof(block), &got);
	}
	*out = e == ERR_OK && script_is_python(front, got);
	if (*out)
		p->name = "script";
	return e;
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
