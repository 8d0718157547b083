/* SPDX-License-Identifier: Apache-2.0 */
/* spool: memory that grows with what really comes. */
#include "format/spool.h"

#include <stdlib.h>

#include "base/ckd.h"

enum { SPOOL_FIRST = 64 * 1024 };

/* Room for more; charged as it grows, so a declared size costs nothing. */
static enum err
spool_grow(struct spool *sp, size_t *room)
{
	size_t want = *room == 0 ? SPOOL_FIRST : *room * 2;
	uint8_t *grown;
	enum err e;

	if ((e = budget_take(sp->budget, BUDGET_MEMORY, want - *room)) !=
	    ERR_OK)
		return e;
	sp->charged += want - *room;
	if ((grown = realloc(sp->data, want)) == NULL)
		return ERR_NOMEM;
	sp->data = grown;
	*room = want;
	return ERR_OK;
}

/* Does an error end the scan, as against this part? */
static bool
error_is_final(const struct spool *sp, enum err e)
{
	return err_fault(e) != ERR_FAULT_INPUT ||
	    (e == ERR_LIMIT && sp->budget->spent != BUDGET_NOTHING);
}

enum err
spool_read(const struct source *s, struct spool *out)
{
	size_t room = 0, got = 1;
	enum err e = ERR_OK;

	*out = (struct spool){ .budget = s->budget };
	while (got > 0 && e == ERR_OK && out->size < SPOOL_MAX) {
		if (out->size == room && (e = spool_grow(out, &room)) != ERR_OK)
			return e;
		if ((e = budget_check(s->budget)) == ERR_OK)
			e = source_read_some(s, out->size,
			    out->data + out->size, room - out->size, &got);
		if (e == ERR_OK)
			out->size += got;
	}
	if (e != ERR_OK && error_is_final(out, e))
		return e;
	out->damage = e;
	out->whole = out->size < SPOOL_MAX || got == 0;
	return ERR_OK;
}

struct source
spool_source(const struct spool *sp)
{
	return source_memory(sp->data, sp->size, sp->budget);
}

void
spool_free(struct spool *sp)
{
	free(sp->data);
	if (sp->budget != NULL)
		budget_give(sp->budget, sp->charged);
	*sp = (struct spool){ .data = NULL };
}
