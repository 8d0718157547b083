/* SPDX-License-Identifier: Apache-2.0 */
/* hidden: step over padding, look, and ask the engine. */
#include "format/hidden.h"

#include <string.h>

enum {
	/* Zeros in front of something hidden that are stepped over. */
	PADDING_MAX = 4096,
	ELF_CLASS_AT = 4,
	PE_POINTER_AT = 0x3c,
	/* Where the PE header may stand to be seen: linkers put it behind a
	 * stub of some hundred bytes. */
	PE_HEADER_MAX = 400,
};

static bool
is_elf(struct cursor head)
{
	const uint8_t *p = cursor_take(&head, 20);

	/* class, byte order, version, then padding; a type and a machine */
	return p != NULL && memcmp(p, "\177ELF", ELF_CLASS_AT) == 0 &&
	    (p[4] == 1 || p[4] == 2) && (p[5] == 1 || p[5] == 2) && p[6] == 1 &&
	    (p[16] | p[17]) != 0 && (p[18] | p[19]) != 0;
}

static bool
is_pe(struct cursor head)
{
	struct cursor at = head;
	const uint8_t *p = cursor_take(&head, 2);
	uint32_t pe;

	if (p == NULL || memcmp(p, "MZ", 2) != 0 ||
	    cursor_take(&at, PE_POINTER_AT) == NULL)
		return false;
	pe = cursor_u32le(&at);
	if (cursor_check(&at) != ERR_OK || pe < PE_POINTER_AT + 4 ||
	    pe > PE_HEADER_MAX || cursor_take(&head, pe - 2) == NULL)
		return false;
	p = cursor_take(&head, 4);
	return p != NULL && memcmp(p, "PE\0\0", 4) == 0;
}

static bool
is_macho(struct cursor head)
{
	uint32_t magic = cursor_u32le(&head);
	uint32_t cpu = cursor_u32le(&head);
	uint32_t type;

	(void)cursor_u32le(&head); /* processor subtype */
	type = cursor_u32le(&head);
	return cursor_check(&head) == ERR_OK &&
	    (magic == 0xfeedface || magic == 0xfeedfacf) &&
	    (cpu & 0xffffff) < 32 && type > 0 && type < 16;
}

bool
hidden_is_program(struct cursor head)
{
	return is_elf(head) || is_pe(head) || is_macho(head);
}

enum err
hidden_judge(struct visit *v, const struct source *s, const struct child *child,
    uint64_t size, enum rule rule)
{
	uint8_t front[PADDING_MAX];
	struct child_result result = { 0 };
	struct child at = *child;
	struct source view;
	size_t got, zeros = 0;
	enum err e;

	if ((e = source_view(s, child->offset, size, &view)) != ERR_OK ||
	    (e = source_read_some(&view, 0, front, sizeof(front), &got)) !=
		ERR_OK)
		return e;
	while (zeros < got && front[zeros] == 0)
		zeros++;
	if (zeros == got)
		return ERR_OK;
	if ((e = source_rest(&view, zeros, &view)) != ERR_OK)
		return e;
	at.offset += zeros;
	if ((e = visit_child(v, &at, &view, &result)) != ERR_OK)
		return e;
	if (result.format != NULL)
		visit_find(v, rule, at.offset, "%s", result.format->name);
	else if (hidden_is_program(cursor_over(front + zeros, got - zeros)))
		visit_find(v, rule, at.offset, "a program");
	return ERR_OK;
}
