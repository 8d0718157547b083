/* SPDX-License-Identifier: Apache-2.0 */
/* budget: subtraction only, and the first thing that ran out. */
#include "byte/budget.h"

#include <stddef.h>

#include "base/clock.h"

enum { BUDGET_TICKS = 64 }; /* checks between two looks at the clock */

const char *
budget_name(enum budget_what what)
{
	static const char *const names[BUDGET_COUNT] = { "nothing", "bytes",
		"members", "opcodes", "depth", "memory", "time" };

	return (unsigned)what < BUDGET_COUNT ? names[what] : "nothing";
}

void
budget_exhaust(struct budget *b, enum budget_what what)
{
	if (b->spent == BUDGET_NOTHING)
		b->spent = what;
	if (what == BUDGET_TIME)
		b->late = true;
}

static uint64_t *
budget_field(struct budget *b, enum budget_what what)
{
	switch (what) {
	case BUDGET_BYTES:
		return &b->bytes;
	case BUDGET_MEMBERS:
		return &b->members;
	case BUDGET_OPCODES:
		return &b->opcodes;
	case BUDGET_MEMORY:
		return &b->memory;
	case BUDGET_NOTHING:
	case BUDGET_DEPTH:
	case BUDGET_TIME:
	case BUDGET_COUNT:
		break;
	}
	return NULL;
}

enum err
budget_take(struct budget *b, enum budget_what what, uint64_t n)
{
	uint64_t *left = budget_field(b, what);

	if (left == NULL)
		return ERR_BUG;
	if (n > *left) {
		budget_exhaust(b, what);
		return ERR_LIMIT;
	}
	*left -= n;
	return ERR_OK;
}

void
budget_give(struct budget *b, uint64_t memory)
{
	if (memory <= UINT64_MAX - b->memory)
		b->memory += memory;
}

enum err
budget_enter(struct budget *b)
{
	if (b->depth == 0) {
		budget_exhaust(b, BUDGET_DEPTH);
		return ERR_LIMIT;
	}
	b->depth--;
	return ERR_OK;
}

void
budget_leave(struct budget *b)
{
	b->depth++;
}

enum err
budget_check(struct budget *b)
{
	if (b->deadline != 0 && b->tick++ % BUDGET_TICKS == 0 &&
	    clock_now() >= b->deadline)
		budget_exhaust(b, BUDGET_TIME);
	return b->late ? ERR_LIMIT : ERR_OK;
}
