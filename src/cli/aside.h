/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aside: a vault of a user's own, for what watch finds.
 *
 * Opens the vault in a directory that is the user's alone, and moves a scanned
 * file there: the very file that was scanned, or none.
 */
#ifndef CLI_ASIDE_H
#define CLI_ASIDE_H

#include <stdbool.h>

#include "base/err.h"
#include "model/report.h"
#include "vault/vault.h"

struct aside {
	const char *path; /* of the directory, borrowed */
	int dir;          /* -1: none */
	struct vault vault;
	struct vault_item last; /* what was moved last */
};

/* Open it, or make it; what was interrupted is mended.  Told when it fails. */
MUST_USE enum err aside_open(const char *path, struct aside *out);
void aside_free(struct aside *a); /* NULL is fine */

/* Is this the directory, or a place of a vault? */
bool aside_is(const struct aside *a, int dir, const char *path);

/* Move the file of fd, which was found at path, aside.  ERR_OK: a->last says
 * how; else a->vault.why says why not; ERR_UNSUPPORTED: it was restored before.
 */
MUST_USE enum err aside_move(
    struct aside *a, int fd, const char *path, const struct report *r);

/* A line for each file that is there, on standard output. ERR_SYS: told. */
MUST_USE enum err aside_list(struct aside *a);

/* Put one back where it was, and remember that it stays there. Told when that
 * fails. */
MUST_USE enum err aside_restore(struct aside *a, const char *id);

#endif /* CLI_ASIDE_H */
