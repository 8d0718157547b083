/* SPDX-License-Identifier: Apache-2.0 */
/* promise: a name that promises less than the file is. */
#ifndef CLI_PROMISE_H
#define CLI_PROMISE_H

#include "model/report.h"

/*
 * Does path end like formats that can't run code ("weights.safetensors"), while
 * the file is one that can?  People and loaders trust such names.  Adds to the
 * report.
 */
void promise_look(const char *path, struct report *r);

#endif /* CLI_PROMISE_H */
