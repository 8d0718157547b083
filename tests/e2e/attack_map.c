/* SPDX-License-Identifier: Apache-2.0 */
/* attack_map: other bytes by mappings, rings and devices. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attack.h"

/* --- through a mapping; the descriptor is closed --- */

int
map_it(struct target *t)
{
	void *at;

	if (open_rw(t) == -1)
		return -1;
	at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (at == MAP_FAILED)
		return -1;
	t->map = at;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

int
by_store(struct target *t)
{
	if (t->map == NULL && map_it(t) == -1)
		return -1;
	memcpy(t->map, t->bad, SIZE);
	return 0;
}

int
by_store_synced(struct target *t)
{
	return by_store(t) == -1 ? -1 : msync(t->map, SIZE, MS_SYNC);
}

/* The kernel stores it, for somebody else's process. */
int
by_vm_writev(struct target *t)
{
	struct iovec from = { t->bad, SIZE }, to;

	if (t->map == NULL && map_it(t) == -1)
		return -1;
	to = (struct iovec){ t->map, SIZE };
	return process_vm_writev(getpid(), &from, 1, &to, 1, 0) == SIZE ? 0
									: -1;
}

/* The page is dirty already: a store moves no time stamp. */
int
dirty_map(struct target *t)
{
	if (map_it(t) == -1)
		return -1;
	((volatile uint8_t *)t->map)[0] = t->good[0];
	return 0;
}

/* --- without the caller's thread --- */

int
by_aio(struct target *t)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uint64_t)(uintptr_t)t->bad,
		.aio_nbytes = SIZE },
		    *list = &cb;
	struct io_event done = { 0 };
	aio_context_t context = 0;
	int e = -1;

	if (open_rw(t) == -1 || syscall(SYS_io_setup, 1, &context) == -1)
		return -1;
	cb.aio_fildes = (uint32_t)t->fd;
	if (syscall(SYS_io_submit, context, 1L, &list) == 1 &&
	    syscall(SYS_io_getevents, context, 1L, 1L, &done, NULL) == 1 &&
	    done.res == SIZE)
		e = 0;
	(void)syscall(SYS_io_destroy, context);
	return e;
}

/* One write by a ring: fd, or the ring's registered file 0. */
static int
ring_write(int ring, const struct io_uring_params *p, int fd, struct target *t)
{
	size_t sq_size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	uint8_t *sq = mmap(NULL, sq_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqe = mmap(NULL, sizeof(*sqe),
	    PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	uint32_t first = 0;

	if (sq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return -1;
	*sqe = (struct io_uring_sqe){ .opcode = IORING_OP_WRITE,
		.fd = fd == -1 ? 0 : fd,
		.flags = fd == -1 ? IOSQE_FIXED_FILE : 0,
		.addr = (uint64_t)(uintptr_t)t->bad,
		.len = SIZE };
	memcpy(sq + p->sq_off.array, &first, sizeof(first));
	__atomic_store_n(
	    (uint32_t *)(void *)(sq + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		   NULL, 0) == 1
	    ? 0
	    : -1;
}

static struct io_uring_params ring_params;

static int
ring_new(struct target *t)
{
	ring_params = (struct io_uring_params){ 0 };
	t->other = (int)syscall(SYS_io_uring_setup, 1, &ring_params);
	return t->other == -1 ? -1 : 0;
}

int
by_ring(struct target *t)
{
	if (open_rw(t) == -1 || ring_new(t) == -1)
		return -1;
	return ring_write(t->other, &ring_params, t->fd, t);
}

/* The ring keeps the file; no descriptor of it is left. */
int
ring_fixed(struct target *t)
{
	if (open_rw(t) == -1 || ring_new(t) == -1 ||
	    syscall(SYS_io_uring_register, t->other, IORING_REGISTER_FILES,
		&t->fd, 1) == -1)
		return -1;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

int
by_ring_fixed(struct target *t)
{
	if (t->other == -1 && ring_fixed(t) == -1)
		return -1;
	return ring_write(t->other, &ring_params, -1, t);
}

int
loop_on(struct target *t)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control == -1 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char name[32];

	if (control != -1)
		(void)close(control);
	(void)snprintf(name, sizeof(name), "/dev/loop%d", number);
	if (number < 0 || open_rw(t) == -1)
		return -1;
	t->other = open(name, O_RDWR | O_CLOEXEC);
	if (t->other == -1 || ioctl(t->other, LOOP_SET_FD, t->fd) == -1)
		return -1;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

int
by_loop(struct target *t)
{
	if (t->other == -1 && loop_on(t) == -1)
		return -1;
	return put(t->other, t->bad) == -1 ? -1 : fsync(t->other);
}

/* Another process has it mapped, and stores when it is told to. */
int
child_map(struct target *t)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC) == -1)
		return -1;
	t->child = fork();
	if (t->child == 0) {
		char byte;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(go[1]);
		if (map_it(t) == -1)
			_exit(1);
		(void)!read(go[0], &byte, 1);
		memcpy(t->map, t->bad, SIZE);
		(void)!pause();
		_exit(0);
	}
	(void)close(go[0]);
	t->other = go[1];
	return t->child == -1 ? -1 : 0;
}

int
by_child_map(struct target *t)
{
	uint8_t *seen;
	int e = -1;

	if (write(t->other, "x", 1) != 1)
		return -1;
	/* Wait until it stands there: a mapping of ours shows it. */
	t->fd = open(t->file, O_RDWR | O_CLOEXEC);
	if (t->fd == -1)
		return errno == EPERM ? 0 : -1; /* it was faster */
	seen = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, t->fd, 0);
	if (seen == MAP_FAILED)
		return -1;
	for (int i = 0; i < 2000 && e == -1; i++) {
		e = memcmp(seen, t->bad, SIZE) == 0 ? 0 : -1;
		(void)usleep(1000);
	}
	(void)munmap(seen, SIZE);
	return e;
}
