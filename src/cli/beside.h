/* SPDX-License-Identifier: Apache-2.0 */
/* beside: what lies in the folder of a file that was scanned. */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H

#include "model/report.h"

/*
 * Is there Python code beside path that has the name of a module from which
 * the file imports what the policy takes for the library's own?  Who loads the
 * file from its folder runs that code instead.  Adds to the report.  Nothing
 * is opened; a folder that cannot be looked at says nothing.
 */
void beside_look(const char *path, struct report *r);

#endif /* CLI_BESIDE_H */
