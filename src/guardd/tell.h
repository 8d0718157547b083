/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: say what happened where people look: the system's journal, or syslog,
 * and the terminal of whoever opened the file.
 *
 * Nothing here waits: what is not taken at once is lost, and is in the log and
 * the history all the same.  All text of files and processes is escaped, or
 * goes in a field of a stated length.
 *
 * Reference: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/; RFC 3164.
 */
#ifndef GUARDD_TELL_H
#define GUARDD_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "guardd/who.h"
#include "history/event.h"

enum {
	TELL_TERMINALS = 32, /* that are remembered */
	TELL_BURST = 3,      /* messages to one of them in TELL_PAUSE_S */
	TELL_PAUSE_S = 10
};

/* Priorities of syslog(3). */
enum tell_priority { TELL_WARNING = 4, TELL_NOTICE = 5, TELL_INFO = 6 };

struct tell_terminal {
	uint32_t tty; /* 0: free */
	unsigned count;
	uint64_t since; /* ns */
};

struct tell {
	int sock; /* datagrams; -1: there is none */
	struct tell_terminal terminals[TELL_TERMINALS];
};

/* Become one who may write to terminals that take messages: needs the right to
 * change groups. */
void tell_join(void);

void tell_begin(struct tell *t);
void tell_end(struct tell *t);

/* Send a sentence, with the fields of the event (NULL: of none), to the journal
 * or else to syslog. False: nobody took it. */
bool tell_journal(struct tell *t, enum tell_priority priority,
    const char *sentence, const struct history_event *e);

/* Append the datagram for the journal. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err tell_fields(struct buf *out, enum tell_priority priority,
    const char *sentence, const struct history_event *e);

/* Write to the opener's terminal that its open was denied, if it is that
 * user's, and he takes messages: see mesg(1). */
void tell_terminal(
    struct tell *t, const struct history_event *e, const struct who *who);

/* May something be said on this terminal now?  1: yes; 2: yes, for the last
 * time in a while; 0: no. */
int tell_may(struct tell *t, uint32_t tty, uint64_t now);

#endif /* GUARDD_TELL_H */
