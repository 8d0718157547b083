/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target: dotted Python names that a configuration has its loader call.
 *
 * The policies of pickles do not fit here: a configuration calls optimizers
 * and layers by right.  So this knows what no configuration has a reason to
 * name, and what everybody names.
 */
#ifndef FORMAT_TARGET_H
#define FORMAT_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "model/verdict.h"

/*
 * What calling this name with arguments of the file's choice means:
 * CLEAN	a part of a model, or data
 * UNKNOWN	code that is not known
 * MALICIOUS	it runs commands or code, loads pickles, touches files
 * A name without a dot is one of Python's own functions.
 */
enum verdict target_judge(const char *name, size_t n);

/* Is it one or more identifiers with dots between? */
bool target_is_name(const char *name, size_t n);

#endif /* FORMAT_TARGET_H */
