/* SPDX-License-Identifier: Apache-2.0 */
/* zip_priv: what the files of the zip directory share among themselves. */
#ifndef FORMAT_ZIP_PRIV_H
#define FORMAT_ZIP_PRIV_H

#include "format/zip_dir.h"

/* Note a fact, with the place of its first sight. */
void zip_dir_say(struct zip_dir *dir, enum zip_fact fact, uint64_t at);

/* n bytes of memory, charged to the budget and owned by dir once stored in it.
 * ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err zip_dir_buffer(struct zip_dir *dir, size_t n, uint8_t **out);

/* n bytes at offset at, from the tail or the window: valid until the next
 * call. ERR_SHORT, ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_dir_bytes(
    struct zip_dir *dir, uint64_t at, size_t n, const uint8_t **out);

/* Read the entries of a view. ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_view_read(struct zip_dir *dir, size_t view);

/* A byte of a name, as careless readers compare it. */
uint8_t zip_fold(uint8_t c);

#endif /* FORMAT_ZIP_PRIV_H */
