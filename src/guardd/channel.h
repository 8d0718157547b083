/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel: what the processes of the daemon say to each other.
 *
 * One message is one packet of a Unix socket: a head, some text, and perhaps
 * one descriptor.  Sending never blocks.  All ends are the same program, so
 * the head is a plain struct; a packet that is no message is an error all the
 * same, because a recorder that went astray must not take the gate with it.
 */
#ifndef GUARDD_CHANNEL_H
#define GUARDD_CHANNEL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum {
	CHANNEL_TEXT_MAX = 16 * 1024, /* a path and four sentences */
	CHANNEL_PARTS_MAX = 6
};

/* MESSAGE(name, from, to, what it says) */
/* clang-format off */
#define CHANNEL_MESSAGES(MESSAGE)                                              \
	MESSAGE(FAMILY_ADD,  keeper,   gate,   "pid is about to open things")  \
	MESSAGE(FAMILY_DROP, keeper,   gate,   "pid is dead, to be reaped")    \
	MESSAGE(TEMPLATE,    keeper,   gate,   "fd talks to template pid")     \
	MESSAGE(PEER,        keeper,   any,    "fd talks to the other one")    \
	MESSAGE(STOP,        keeper,   any,    "end in order")                 \
	MESSAGE(SETTINGS,    keeper,   any,    "what may change did")          \
	MESSAGE(RELOAD,      any,      scout,  "read the configuration again") \
	MESSAGE(CONFIG,      scout,    keeper, "what it says: see reload.h")   \
	MESSAGE(RELOADED,    any,      recorder, "a reload's end, in words")   \
	MESSAGE(DUMP,        keeper,   gate,   "write your counters")          \
	MESSAGE(RELEASE,     any,      gate,   "let go of dev; 0: of all")   \
	MESSAGE(RELEASED,    any,      recorder, "it holds none of dev")      \
	MESSAGE(DONE,        gate,     keeper, "seq was done")                 \
	MESSAGE(RULES,       gate,     keeper, "template is ready; problems")  \
	MESSAGE(LOADED,      keeper,   recorder, "which rules hold, JSON")     \
	MESSAGE(NICE,        gate,     keeper, "worker pid: so nice")         \
	MESSAGE(GROUP,       scout,    keeper, "fd is the group of a new fs")  \
	MESSAGE(TABLE,       scout,    keeper, "fd is a filter image")         \
	MESSAGE(READY,       scout,    keeper, "guarding; lines to print")     \
	MESSAGE(FATAL,       scout,    keeper, "cannot guard; why")            \
	MESSAGE(NOTICE,      any,      recorder, "a line for people")          \
	MESSAGE(IGNORE_DIR,  gate,     scout,  "this directory is outside")    \
	MESSAGE(IGNORE_OF,   gate,     scout,  "a file of unknown place")     \
	MESSAGE(LOOK,        scout,    gate,   "fd is new; size were lost")    \
	MESSAGE(LOOKED,      gate,     scout,  "one of those is done with")    \
	MESSAGE(SEEN,        gate,     scout,  "an event of yours arrived")    \
	MESSAGE(PING,        gate,     scout,  "are you there?")               \
	MESSAGE(PONG,        scout,    gate,   "seq: yes")                     \
	MESSAGE(RECORD,      any,      recorder, "what became of a file")      \
	MESSAGE(QUARANTINE,  gate,     vault,  "fd is flagged: put it away")   \
	MESSAGE(VAULT,       keeper,   any,    "fd is for questions")          \
	MESSAGE(KNOWN,       vault,    keeper, "fd: contents decided on")      \
	MESSAGE(SUM,         gate,     hasher, "what is the digest of fd?")    \
	MESSAGE(SUMMED,      hasher,   gate,   "seq: the digest")              \
	MESSAGE(RECORDED,    recorder, gate,   "seq: who it is was collected") \
	MESSAGE(COUNTERS,    gate,     recorder, "counters")
/* clang-format on */

#define CHANNEL_ENUM(name, from, to, text) MSG_##name,
enum msg_type { CHANNEL_MESSAGES(CHANNEL_ENUM) MSG_COUNT };
#undef CHANNEL_ENUM

/* The fields mean what the type says; unused ones are 0. */
struct msg {
	uint32_t type; /* enum msg_type */
	uint32_t seq;
	int32_t pid;
	uint32_t group;
	int32_t error; /* NICE: the value */
	uint32_t verdict;
	uint32_t flags; /* enum msg_flag */
	uint32_t text;  /* bytes of text behind the head */
	/* RULES: how many rules and imports, and their sums, in this order. */
	uint64_t dev, ino, size;
	uint64_t elapsed; /* us */
	uint32_t owner;   /* RECORD: the file's */
	uint32_t spare;
};

enum msg_flag {
	MSG_OBSERVE = 1, /* would have been denied */
	MSG_IN_PLACE = 2,
	MSG_GROWING = 4,
	MSG_ERRNOS = 8,    /* GROUP: denials carry an errno */
	MSG_IGNORES = 16,  /* GROUP: the kernel can ignore directories */
	MSG_WHO = 32,      /* RECORD: the opener waits; answer RECORDED */
	MSG_GOOD = 64,     /* NOTICE: nothing is wrong */
	MSG_TELL = 128,    /* RECORD: for people, though it was allowed */
	MSG_EXEMPT = 256,  /* RECORDED, RECORD: it does not apply to this one */
	MSG_AUDIT = 512,   /* GROUP: denials may be audited */
	MSG_LINGER = 1024, /* STOP: go on for a successor; EAGAIN: it will */
	MSG_VAULTED = 2048 /* RECORD: it went into the vault */
};

/* A message as received. text is NUL-terminated; fd is the receiver's. */
struct msg_in {
	struct msg head;
	int fd; /* -1: none */
	char text[CHANNEL_TEXT_MAX + 1];
};

/* Both ends of a new channel, close-on-exec, non-blocking. ERR_SYS. */
MUST_USE enum err channel_pair(int ends[2]);

/* Send; text may be NULL. ERR_LIMIT: the other side does not keep up. ERR_SYS:
 * it is gone. fd stays the caller's. */
MUST_USE enum err channel_send(
    int sock, const struct msg *head, const char *text, size_t n, int fd);

/* As channel_send() with strings that the receiver gets by msg_part(). */
MUST_USE enum err channel_send_parts(int sock, const struct msg *head,
    const char *const *parts, size_t count, int fd);

/* Send a notice for the recorder, as printf would, cut at CHANNEL_TEXT_MAX; one
 * that can't be sent is lost. good: nothing to worry about. */
void channel_notice(int sock, bool good, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Receive one. ERR_LIMIT: nothing is there now. ERR_SYS: the other side is
 * gone. ERR_PROTO: that was no message. */
MUST_USE enum err channel_recv(int sock, struct msg_in *in);

/* The i-th string of a message sent in parts; "" when there are fewer. */
const char *msg_part(const struct msg_in *in, size_t i);

#endif /* GUARDD_CHANNEL_H */
