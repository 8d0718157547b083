/* SPDX-License-Identifier: Apache-2.0 */
/* attack: what the files of attacker share. */
#ifndef E2E_ATTACK_H
#define E2E_ATTACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SIZE = 4096, PATH = 4096, NR_OPEN_TREE = 428, TREE_CLONE = 1 };

/* What one way works with. */
struct target {
	const char *dir, *out, *empty;
	char file[PATH], twin[PATH]; /* twin: for a second name, outside */
	uint8_t *good, *bad;         /* SIZE bytes each, page-aligned */
	int fd, other;               /* -1: none */
	uint8_t *map;                /* NULL: none */
	pid_t child;                 /* 0: none */
	bool mounted;
};

/* Both give 0, or -1 with errno. */
struct way {
	const char *name;
	int (*prepare)(struct target *t); /* before the verdict; or NULL */
	int (*change)(struct target *t);
};

/* All SIZE bytes of data, at the start of the file; fd may be -1. */
int put(int fd, const uint8_t *data);
/* The target's file, in t->fd. */
int open_rw(struct target *t);
/* Bytes in a file that nobody guards; -1. */
int memory_file(const uint8_t *data);
/* A new file with those bytes. */
int make(const char *name, const uint8_t *data);

/* The ways: attack_write.c, attack_map.c, attack_name.c. */
int by_aio(struct target *t);
int by_append(struct target *t);
int by_bind(struct target *t);
int by_bind_over(struct target *t);
int by_child_map(struct target *t);
int by_clone(struct target *t);
int by_copy(struct target *t);
int by_direct(struct target *t);
int by_exchange(struct target *t);
int by_ftruncate(struct target *t);
int by_handle(struct target *t);
int by_in_flight(struct target *t);
int by_link(struct target *t);
int by_link_store(struct target *t);
int by_loop(struct target *t);
int by_o_trunc(struct target *t);
int by_old_writer(struct target *t);
int by_overlay(struct target *t);
int by_path_again(struct target *t);
int by_punch(struct target *t);
int by_pwrite(struct target *t);
int by_reader_again(struct target *t);
int by_rename(struct target *t);
int by_ring(struct target *t);
int by_ring_fixed(struct target *t);
int by_sendfile(struct target *t);
int by_splice(struct target *t);
int by_store(struct target *t);
int by_store_synced(struct target *t);
int by_symlink(struct target *t);
int by_times(struct target *t);
int by_tmpfile(struct target *t);
int by_tree(struct target *t);
int by_truncate(struct target *t);
int by_unlink(struct target *t);
int by_vm_writev(struct target *t);
int by_vmsplice(struct target *t);
int by_writev(struct target *t);
int child_map(struct target *t);
int dirty_map(struct target *t);
int in_flight(struct target *t);
int link_writer(struct target *t);
int loop_on(struct target *t);
int map_it(struct target *t);
int ring_fixed(struct target *t);
int trim(struct target *t);

#endif /* E2E_ATTACK_H */
