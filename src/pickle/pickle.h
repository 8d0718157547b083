/* SPDX-License-Identifier: Apache-2.0 */
/* pickle: the walker of pickle files, joblib's and torch's old ones too. */
#ifndef PICKLE_PICKLE_H
#define PICKLE_PICKLE_H

#include "model/format.h"

extern const struct format format_pickle;

/*
 * Is this the front of a pickle of at most size bytes, beyond what chance makes
 * of numbers?  (In 2^32 storages of noise it is true of less than one.)  false
 * says nothing.
 */
bool pickle_surely_begins(struct cursor head, uint64_t size);

#endif /* PICKLE_PICKLE_H */
