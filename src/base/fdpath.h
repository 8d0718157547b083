/* SPDX-License-Identifier: Apache-2.0 */
/* fdpath: where an open file is now. */
#ifndef BASE_FDPATH_H
#define BASE_FDPATH_H

#include <limits.h>
#include <stdbool.h>

/* The path of an open file or directory as this process would name it; false:
 * it has none, or a longer one.  A deleted file's says so behind its name, and
 * by the time of use it may be another's: compare what is opened by it. */
bool fd_path(int fd, char out[PATH_MAX]);

#endif /* BASE_FDPATH_H */
