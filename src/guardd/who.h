/* SPDX-License-Identifier: Apache-2.0 */
/*
 * who: which process, program and user an opener is.
 *
 * Asked while the opener is blocked in its open: its /proc entry is its own
 * then, and can't be somebody else's.  All of it is told by the opener or is
 * about it, so it is data for people and never decides anything.
 */
#ifndef GUARDD_WHO_H
#define GUARDD_WHO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	WHO_COMM_MAX = 64,
	WHO_EXE_MAX = 4096,
	WHO_USER_MAX = 64,
	WHO_CONTAINER_MAX = 80
};

struct who {
	pid_t pid;
	bool known;   /* false: it was gone, or lives in another namespace */
	uid_t uid;    /* the real one */
	uint32_t tty; /* its terminal, as /proc/PID/stat has it; 0: none */
	char comm[WHO_COMM_MAX];
	char exe[WHO_EXE_MAX];   /* hostile; "" when it can't be read */
	char user[WHO_USER_MAX]; /* "" until who_name() */
	char container[WHO_CONTAINER_MAX]; /* its id or name; "": in none */
};

/* The parent of a process; 0 when it can't be told.  Quick, too. */
pid_t who_parent(pid_t pid);

/* Look at a process; quick, never waits for a name service. */
void who_look(pid_t pid, struct who *out);

/* The container that the control groups of a process are of (the text of its
 * /proc/PID/cgroup), as docker, podman, containerd, kubernetes, lxc and
 * systemd-nspawn name them. */
void who_container(const char *cgroup, char out[WHO_CONTAINER_MAX]);

/* Find the name of the user: may ask a name service. */
void who_name(struct who *w);

#endif /* GUARDD_WHO_H */
