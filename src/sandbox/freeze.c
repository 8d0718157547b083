/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freeze: let forks share memory without a page table copied for it.
 *
 * A fork copies the page tables of all anonymous memory, page by page: for a
 * template with its megabytes of compiled rules that is most of what a worker
 * costs.  So each large private mapping is written to a memfd, which then is
 * mapped in its place, private as before: the same addresses, the same bytes.
 * A fork copies nothing of it, a worker takes in the pages that it touches,
 * and those that it writes are its own as ever.
 *
 * Between the copy and the mapping nothing may write to that memory, so
 * nothing here allocates.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "sandbox/internal.h"

enum {
	/* Smaller ones are not worth a file each. */
	FREEZE_MIN = 256 * 1024,
	/* Bytes of /proc/self/maps: some hundred lines. */
	MAPS_MAX = 128 * 1024,
	HEX = 16,
};

#if !SANDBOX_SANITIZERS
struct range {
	uintptr_t start, end;
};

/* "START-END PERMS OFFSET DEVICE INODE [NAME]": is it private memory of ours,
 * writable, no file's and not the stack? */
static bool
line_is_ours(char *line, struct range *out)
{
	char *end, *name;

	out->start = strtoul(line, &end, HEX);
	if (*end != '-')
		return false;
	out->end = strtoul(end + 1, &end, HEX);
	if (strncmp(end, " rw-p 00000000 00:00 0", 22) != 0)
		return false;
	name = end + 22 + strspn(end + 22, " ");
	return *name == '\0' || strcmp(name, "[heap]") == 0;
}

static enum err
range_freeze(const struct range *r)
{
	AUTO_CLOSE int fd = memfd_create("frozen", MFD_CLOEXEC);
	const char *at = (const char *)r->start;
	size_t size = r->end - r->start, done = 0;
	void *there;

	if (fd == -1)
		return ERR_SYS;
	while (done < size) {
		ssize_t n = write(fd, at + done, size - done);

		if (n <= 0)
			return ERR_SYS;
		done += (size_t)n;
	}
	there = mmap((void *)r->start, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_FIXED, fd, 0);
	return there == MAP_FAILED ? ERR_SYS : ERR_OK;
}

/* All of /proc/self/maps as a string in static memory. */
static enum err
maps_read(char *maps)
{
	AUTO_CLOSE int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n = 1;

	if (fd == -1)
		return ERR_SYS;
	while (n > 0 && have < MAPS_MAX - 1) {
		n = read(fd, maps + have, MAPS_MAX - 1 - have);
		if (n > 0)
			have += (size_t)n;
	}
	maps[have] = '\0';
	return n == 0 ? ERR_OK : ERR_SYS;
}

enum err
sandbox_freeze(void)
{
	static char maps[MAPS_MAX];
	enum err e = maps_read(maps);
	char *line = maps, *next;

	for (; e == ERR_OK && *line != '\0'; line = next) {
		struct range r;

		next = line + strcspn(line, "\n");
		if (*next == '\n')
			*next++ = '\0';
		if (line_is_ours(line, &r) && r.end - r.start >= FREEZE_MIN)
			e = range_freeze(&r);
	}
	return e;
}
#else
/* The sanitizers keep books about every byte: leave them alone. */
enum err
sandbox_freeze(void)
{
	return ERR_OK;
}
#endif
