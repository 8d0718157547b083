/* SPDX-License-Identifier: Apache-2.0 */
/* archive: what the library for archives needs before the sandbox closes. */
#ifndef FORMAT_ARCHIVE_H
#define FORMAT_ARCHIVE_H

/* Load what the library would load from files while it reads: converters of
 * character sets; set the time zone to UTC.  Once, before any file. */
void archive_prepare(void);

#endif /* FORMAT_ARCHIVE_H */
