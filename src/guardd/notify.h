/* SPDX-License-Identifier: Apache-2.0 */
/* notify: tell the service manager, by its plain protocol.
 * Source: sd_notify(3). */
#ifndef GUARDD_NOTIFY_H
#define GUARDD_NOTIFY_H

/* Nothing happens where nobody asked for it (NOTIFY_SOCKET). */
void notify_ready(void);
void notify_stopping(void);
/* Still alive: for a watchdog (WATCHDOG_USEC), as often as it wants. */
void notify_alive(void);

#endif /* GUARDD_NOTIFY_H */
