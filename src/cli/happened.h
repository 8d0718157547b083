/* SPDX-License-Identifier: Apache-2.0 */
/* happened: an event of the guard's history, as a command gets and shows it. */
#ifndef CLI_HAPPENED_H
#define CLI_HAPPENED_H

#include "base/arena.h"
#include "cli/ask.h"
#include "history/event.h"
#include "out/out.h"

/* Take the item "event" of the last line apart. The strings are the arena's.
 * False: it is none. */
bool happened_read(
    const struct ask *a, struct arena *arena, struct history_event *out);

/* Local time, for people: "2026-11-24 18:01:02". */
enum { HAPPENED_TIME = 32 };
void happened_time(uint64_t ms, char out[HAPPENED_TIME]);

/* One line for people. */
void happened_line(struct out *o, const struct history_event *e);

/* "by /usr/bin/python3 (pid 12, user ann, container 1f2e)", or nothing. */
void happened_who(struct out *o, const struct history_event *e);

/* A moment: "2h" ago (s, m, h, d, w), "2026-11-24", "2026-11-24 18:01[:02]"
 * (local, or universal with a Z), "today", "yesterday", "now". False: none. */
bool happened_moment(const char *text, uint64_t now_ms, uint64_t *out_ms);

#endif /* CLI_HAPPENED_H */
