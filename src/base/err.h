/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: what can go wrong, in ten words for the whole project.
 *
 * Owns the codes, their names, sentences and whose fault each is.  Rooms
 * return them; only the programs print them.  No code ever means "clean".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_USE __attribute__((warn_unused_result))

/* clang-format off */
#define ERR_TABLE(X)                                                           \
	X(OK,          NONE,  "done")                                          \
	X(SHORT,       INPUT, "the bytes end early")                           \
	X(MALFORMED,   INPUT, "a field contradicts the format")                \
	X(LIMIT,       INPUT, "a limit was reached before the end")            \
	X(UNSUPPORTED, INPUT, "a variant that is not read")                    \
	X(NOMEM,       HOST,  "out of memory")                                 \
	X(SYS,         HOST,  "a system call failed")                          \
	X(PROTO,       PEER,  "the other side broke the protocol")             \
	X(USAGE,       USER,  "the request makes no sense")                    \
	X(BUG,         US,    "a bug in ckptguard")
/* clang-format on */

#define ERR_ENUM(name, fault, text) ERR_##name,
enum err { ERR_TABLE(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

enum err_fault {
	ERR_FAULT_NONE,
	ERR_FAULT_INPUT, /* the file's bytes */
	ERR_FAULT_HOST,  /* this machine */
	ERR_FAULT_PEER,  /* a process at the other end of a socket */
	ERR_FAULT_USER,  /* a command line or a rule file */
	ERR_FAULT_US
};

/* The code's short name ("short", "malformed"), for logs. Static storage. */
const char *err_name(enum err e);

/* One sentence without a full stop. Static storage. */
const char *err_text(enum err e);

/* Whose fault it is. */
enum err_fault err_fault(enum err e);

#endif /* BASE_ERR_H */
