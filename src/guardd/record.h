/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: what is written about a file that was judged.
 *
 * Two forms of the same: an object of the log, one a line, and a sentence for
 * people.  Every string in it may be hostile and goes through base/text.
 */
#ifndef GUARDD_RECORD_H
#define GUARDD_RECORD_H

#include "base/buf.h"
#include "base/err.h"
#include "guardd/channel.h"
#include "guardd/who.h"
#include "history/event.h"

enum { RECORD_MAX = 256 * 1024 }; /* bytes of a line, escapes included */

/* What a record says. who may be NULL: nobody opened it. It borrows from both.
 */
void record_event(
    const struct msg_in *in, const struct who *who, struct history_event *out);

/* Append the sentence and its newline. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err record_line(
    struct buf *out, const struct msg_in *in, const struct who *who);

/* Append {"time":...,"event":event,"text":text} and a newline. */
MUST_USE enum err record_notice(
    struct buf *out, const char *event, const char *text);

/* Append the object, and the line for people, about a file that was open (or
 * mapped) before the guard began. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err record_already(
    struct buf *out, const char *path, const struct who *who, bool mapped);
MUST_USE enum err record_already_line(
    struct buf *out, const char *path, const struct who *who, bool mapped);

/* Append {"time":...,"event":event,members} and a newline; members is JSON. */
MUST_USE enum err record_members(
    struct buf *out, const char *event, const char *members);

#endif /* GUARDD_RECORD_H */
