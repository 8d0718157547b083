/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_priv: what loading and scanning share.
 */
#ifndef RULES_RULES_PRIV_H
#define RULES_RULES_PRIV_H

#include <yara.h>

#include "base/arena.h"
#include "rules/rules.h"

struct rules {
	YR_RULES *compiled;     /* NULL: there are none */
	YR_SCANNER *scanner;    /* used again for every scan */
	struct rules_row *rows; /* in the order of compiled->rules_table */
	size_t count;
	uint64_t sum;       /* of the texts of the files, as they were taken */
	struct arena arena; /* ids, and messages that meta does not give */
};

#endif /* RULES_RULES_PRIV_H */
