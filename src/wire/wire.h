/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: what crosses the barrier between those who hold privileges and those
 * who read hostile bytes.
 *
 * Two conversations, both on Unix sockets, integers little endian:
 *
 * control (SOCK_SEQPACKET), parent <-> template:
 *	SPAWN n		>	make n workers
 *	KILL pid	>	end one, whatever it does
 *	READY text	<	rules and policies are loaded (problems as text)
 *	SPAWNED pid	<	with the worker's socket
 *	DIED pid status	<	as waitpid(2) gave it
 *
 * work (SOCK_STREAM, one worker each), parent <-> worker:
 *	SCAN		>	with the file's descriptor; one for each file
 *	ANSWER		<	summary, then the encoded report
 *
 * Everything that a worker sends may be forged: decoders check every length,
 * never trust a count, and an answer must carry the id that was asked.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/report.h"

enum {
	WIRE_NAME_MAX = 255, /* bytes of a file's base name */
	WIRE_RULE_MAX = 95,  /* bytes of a rule id in a summary */
	WIRE_TEXT_MAX = 511, /* bytes of a sentence in a summary */
	WIRE_FORMAT_MAX = 63,
	WIRE_SCAN_MAX = 512, /* bytes of an encoded SCAN */
	WIRE_SUMMARY_MAX = 2048,
	WIRE_CONTROL_MAX = 64 * 1024,
	WIRE_REPORT_MAX = 8 * 1024 * 1024, /* any report */
	WIRE_REPORT_GATE = 48 * 1024,      /* a report for the gate */
};

enum wire_flag {
	WIRE_DEEP = 1,    /* look at everything, tensor data included */
	WIRE_GROWING = 2, /* a writer has the file open */
	WIRE_OPEN = 4,    /* an opener waits: the open path's budget, and
			   * archives that no loader reads are not unpacked */
	WIRE_STAY = 8,    /* another SCAN may follow on this socket */
	WIRE_EXPLAIN = 16 /* the report has lines, too */
};

/* A request to scan the descriptor that comes with it. */
struct wire_scan {
	uint64_t id;
	uint64_t size; /* bytes, as fstat(2) said */
	uint32_t flags;
	uint32_t report_max; /* bytes; lists are cut to fit */
	uint64_t time_ms;    /* time budget; 0: the default of the lane */
	char name[WIRE_NAME_MAX + 1]; /* base name, for messages only */
};

/* What a gate needs of an answer. Strings are NUL-terminated and hostile. */
struct wire_summary {
	uint64_t id;
	enum verdict verdict;
	bool in_place;
	uint64_t size, bytes_read, elapsed_us;
	char format[WIRE_FORMAT_MAX + 1];
	char rule[WIRE_RULE_MAX + 1];    /* of the worst finding; "" if none */
	char message[WIRE_TEXT_MAX + 1]; /* of the worst finding */
	char where[WIRE_TEXT_MAX + 1];
};

/* Encode; n is the size of out. Returns the bytes used; 0 if it won't fit. */
size_t wire_scan_encode(const struct wire_scan *s, uint8_t *out, size_t n);
MUST_USE enum err wire_scan_decode(
    const void *data, size_t n, struct wire_scan *out);

/* The complete ANSWER to id: length-prefixed frame of at most max bytes, lists
 * cut to fit (then the encoded report says it is cut). ERR_NOMEM, ERR_LIMIT. */
MUST_USE enum err wire_answer_encode(
    const struct report *r, uint64_t id, size_t max, struct buf *out);

/* Length of the whole frame whose first n bytes are at data; 0: more bytes are
 * needed to tell.  ERR_PROTO: no frame, or longer than max. */
MUST_USE enum err wire_answer_length(
    const void *data, size_t n, size_t max, size_t *length);

/* Decode the summary of a whole frame (allocates nothing). ERR_PROTO. */
MUST_USE enum err wire_summary_decode(
    const void *frame, size_t n, struct wire_summary *out);

/* Decode the report of a whole frame into r, which was report_init()ed; the
 * strings are copied into its arena. ERR_PROTO, ERR_NOMEM. */
MUST_USE enum err wire_report_decode(
    const void *frame, size_t n, struct report *r);

enum wire_control_type {
	WIRE_SPAWN = 1,
	WIRE_KILL,
	WIRE_READY,
	WIRE_SPAWNED,
	WIRE_DIED,
	WIRE_CONTROL_COUNT
};

/* What a template goes by. */
struct wire_loaded {
	uint64_t rules, imports;         /* how many */
	uint64_t rules_sum, imports_sum; /* rules_sum(), policy_sum() */
};

struct wire_control {
	enum wire_control_type type;
	int32_t pid;      /* KILL, SPAWNED, DIED */
	int32_t status;   /* DIED */
	uint32_t count;   /* SPAWN: workers; READY: problems */
	const char *text; /* READY: problems, one a line; borrowed */
	size_t text_size;
	struct wire_loaded loaded; /* READY */
};

size_t wire_control_encode(
    const struct wire_control *c, uint8_t *out, size_t n);
MUST_USE enum err wire_control_decode(
    const void *data, size_t n, struct wire_control *out);

#endif /* WIRE_WIRE_H */
