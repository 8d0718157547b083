/* SPDX-License-Identifier: Apache-2.0 */
/* keeping: what the recorder keeps and to whom it tells it; it may change while
 * it runs. */
#ifndef GUARDD_KEEPING_H
#define GUARDD_KEEPING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "guardd/exempt.h"
#include "history/history.h"

enum {
	KEEPING_MB = 256, /* of history, unless somebody says otherwise */
	KEEPING_DAYS = 90
};

struct keeping {
	struct history_bounds history;
	gid_t admins;   /* who may ask for everything; (gid_t)-1: root alone */
	struct exempt exempt;
	bool terminal; /* a denial is said on the opener's terminal */
	bool journal;  /* and sent to the journal, or to syslog */
	bool audit;    /* the kernel writes an audit record of it */
};

#endif /* GUARDD_KEEPING_H */
