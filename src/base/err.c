/* SPDX-License-Identifier: Apache-2.0 */
/* err: the table of codes. */
#include "base/err.h"

#include <stddef.h>

struct err_row {
	const char *name;
	const char *text;
	enum err_fault fault;
};

#define ERR_ROW(code, whose, sentence) \
	[ERR_##code] = { #code, sentence, ERR_FAULT_##whose },
static const struct err_row err_rows[ERR_COUNT] = { ERR_TABLE(ERR_ROW) };
#undef ERR_ROW

static const struct err_row *
err_row(enum err e)
{
	return (unsigned)e < ERR_COUNT ? &err_rows[e] : &err_rows[ERR_BUG];
}

const char *
err_name(enum err e)
{
	return err_row(e)->name;
}

const char *
err_text(enum err e)
{
	return err_row(e)->text;
}

enum err_fault
err_fault(enum err e)
{
	return err_row(e)->fault;
}
