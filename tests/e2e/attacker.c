/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attacker: gives a file that was judged other bytes, in every way there is,
 * and looks whether the next open is judged by them.
 *
 *	attacker DIR OUT EMPTY GOOD BAD [HOW...]
 *
 * DIR is guarded, OUT is a directory beside it on the same filesystem, EMPTY
 * one on another, for mounts.  Needs CAP_SYS_ADMIN and a mount namespace of
 * its own.  One line for each way, the last word says what came of it:
 *
 *	judged	as it should be
 *	absent	there is no such way here
 *	STALE	the open went on, with bytes that nobody has judged
 *	BLOCKED	the good bytes were not let through at first
 *
 * Exit status 1 when any was STALE or BLOCKED.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

static const struct way ways[] = {
	{ "pwrite", NULL, by_pwrite },
	{ "pwritev", NULL, by_writev },
	{ "O_DIRECT", NULL, by_direct },
	{ "O_APPEND", trim, by_append },
	{ "O_TRUNC", NULL, by_o_trunc },
	{ "truncate", NULL, by_truncate },
	{ "ftruncate", NULL, by_ftruncate },
	{ "punch-hole", NULL, by_punch },
	{ "times-put-back", NULL, by_times },
	{ "copy_file_range", NULL, by_copy },
	{ "clone-range", NULL, by_clone },
	{ "sendfile", NULL, by_sendfile },
	{ "splice", NULL, by_splice },
	{ "vmsplice", NULL, by_vmsplice },
	{ "store", NULL, by_store },
	{ "store-msync", NULL, by_store_synced },
	{ "process_vm_writev", NULL, by_vm_writev },
	{ "aio", NULL, by_aio },
	{ "io_uring", NULL, by_ring },
	{ "io_uring-fixed", NULL, by_ring_fixed },
	{ "loop-device", NULL, by_loop },
	{ "hard-link", NULL, by_link },
	{ "hard-link-store", NULL, by_link_store },
	{ "bind-mount", NULL, by_bind },
	{ "detached-mount", NULL, by_tree },
	{ "overlay-upper", NULL, by_overlay },
	{ "open_by_handle_at", NULL, by_handle },
	{ "O_PATH-reopened", NULL, by_path_again },
	{ "reader-reopened", NULL, by_reader_again },
	{ "in-flight", NULL, by_in_flight },
	{ "rename-over", NULL, by_rename },
	{ "exchange", NULL, by_exchange },
	{ "unlink-create", NULL, by_unlink },
	{ "tmpfile-linked", NULL, by_tmpfile },
	{ "symlink-instead", NULL, by_symlink },
	{ "bind-over", NULL, by_bind_over },
	{ "old-descriptor", open_rw, by_old_writer },
	{ "old-link", link_writer, by_old_writer },
	{ "old-mapping", map_it, by_store },
	{ "old-dirty-mapping", dirty_map, by_store },
	{ "old-mapping-vm_writev", dirty_map, by_vm_writev },
	{ "old-io_uring-fixed", ring_fixed, by_ring_fixed },
	{ "old-in-flight", in_flight, by_in_flight },
	{ "old-loop-device", loop_on, by_loop },
	{ "old-mapping-elsewhere", child_map, by_child_map },
};

static void
clean(struct target *t)
{
	if (t->other != -1)
		(void)ioctl(t->other, LOOP_CLR_FD);
	if (t->fd != -1)
		(void)close(t->fd);
	if (t->other != -1)
		(void)close(t->other);
	if (t->map != NULL)
		(void)munmap(t->map, SIZE);
	if (t->child > 0) {
		(void)kill(t->child, SIGKILL);
		(void)waitpid(t->child, NULL, 0);
	}
	if (t->mounted)
		(void)umount2(t->empty, MNT_DETACH);
	while (umount2(t->file, MNT_DETACH) == 0)
		continue;
	(void)unlink(t->file);
	(void)unlink(t->twin);
}

static int
open_once(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

/* One way, from a good file to the open after the change. */
static const char *
attack(const struct way *w, struct target *t)
{
	int first, second;

	if (make(t->file, t->good) == -1)
		return "absent";
	if (w->prepare != NULL && w->prepare(t) == -1)
		return "absent";
	first = open_once(t->file);
	second = open_once(t->file);
	if (first != 0 || second != 0)
		return "BLOCKED";
	if (w->change(t) == -1)
		return "absent";
	/* Twice: the first may forget what the second is asked. */
	if (open_once(t->file) != EPERM || open_once(t->file) != EPERM)
		return "STALE";
	return "judged";
}

static void
slurp(const char *name, uint8_t *out)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || read(fd, out, SIZE) <= 0) {
		perror(name);
		exit(3);
	}
	(void)close(fd);
}

static bool
wanted(const char *name, int n, char **names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

int
main(int argc, char **argv)
{
	static uint8_t good[SIZE + 1] __attribute__((aligned(SIZE)));
	static uint8_t bad[SIZE] __attribute__((aligned(SIZE)));
	int status = 0;

	if (argc < 6)
		return 2;
	slurp(argv[4], good);
	slurp(argv[5], bad);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct target t = { .dir = argv[1],
			.out = argv[2],
			.empty = argv[3],
			.good = good,
			.bad = bad,
			.fd = -1,
			.other = -1 };
		const char *came;

		if (!wanted(ways[i].name, argc - 6, argv + 6))
			continue;
		(void)snprintf(t.file, sizeof(t.file), "%s/victim", t.dir);
		(void)snprintf(t.twin, sizeof(t.twin), "%s/twin", t.out);
		came = attack(&ways[i], &t);
		(void)printf("%s %s\n", ways[i].name, came);
		status |=
		    strcmp(came, "STALE") == 0 || strcmp(came, "BLOCKED") == 0;
		clean(&t);
	}
	return status;
}
