/* SPDX-License-Identifier: Apache-2.0 */
/* notify: tell the service manager, by its plain protocol.
 * Source: sd_notify(3). */
#ifndef GUARDD_NOTIFY_H
#define GUARDD_NOTIFY_H

#include <stdbool.h>

/* Nothing happens where nobody asked for it (NOTIFY_SOCKET). */
void notify_ready(void);
void notify_stopping(void);
/* Still alive: for a watchdog (WATCHDOG_USEC), as often as it wants. */
void notify_alive(void);

/* Say it and hand over fd (-1: none). Never waits. False: nobody took it. */
bool notify_with(const char *text, int fd);

#endif /* GUARDD_NOTIFY_H */
