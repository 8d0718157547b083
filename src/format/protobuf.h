/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protobuf: read protocol buffers field by field, by a schema of those that
 * matter.
 *
 * Messages nest without an allocation, other fields are stepped over by their
 * length without being read: so a model costs its graph, not its weights.  A
 * field of another wire type than the schema's is an unknown one, as parsers
 * have it.
 *
 * Reference: protobuf.dev/programming-guides/encoding.
 */
#ifndef FORMAT_PROTOBUF_H
#define FORMAT_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/cursor.h"
#include "byte/source.h"

enum {
	/* protobuf's own readers stop at 100; some are told not to. */
	PROTOBUF_DEPTH_MAX = 256,
	PROTOBUF_TEXT_MAX = 1 << 20, /* of a text that is kept */
	PROTOBUF_BLOCK = 4096,
};

enum protobuf_kind {
	PROTOBUF_MESSAGE,
	PROTOBUF_TEXT,   /* bytes that are read and told */
	PROTOBUF_BYTES,  /* bytes or a message that is stepped over */
	PROTOBUF_NUMBER, /* a varint that is told */
};

struct protobuf_field {
	unsigned number;
	enum protobuf_kind kind;
	unsigned id; /* of a message: its index in the schema; else told */
};

struct protobuf_message {
	const struct protobuf_field *fields;
	size_t count;
};

/* For initialisers of schemas: { PROTOBUF_FIELDS(fields) } */
#define PROTOBUF_FIELDS(f) (f), sizeof(f) / sizeof((f)[0])

struct protobuf_value {
	unsigned id;
	uint64_t at;      /* offset of the value */
	uint64_t number;  /* a varint, or the size of a text */
	const char *text; /* at most PROTOBUF_TEXT_MAX of it */
	size_t text_size;
};

/* Called in the order of the file; an error ends the reading and is returned.
 * Each may be NULL. */
struct protobuf_events {
	void *context;
	const struct protobuf_message *schema;
	enum err (*enter)(void *context, unsigned message, uint64_t at);
	enum err (*leave)(void *context, unsigned message);
	enum err (*value)(void *context, const struct protobuf_value *value);
};

/*
 * Read all of s as the message root.
 * ERR_SHORT	a field ends beyond its message or the bytes
 * ERR_MALFORMED	a tag or number is none
 * ERR_LIMIT	nested deeper than PROTOBUF_DEPTH_MAX, or the budget is spent
 * ERR_NOMEM, ERR_SYS, and those of the events
 */
MUST_USE enum err protobuf_read(const struct source *s, unsigned root,
    const struct protobuf_events *events);

/* Do the first bytes read as fields of this message, with nothing that it
 * does not have?  For sniffing: cheap. */
bool protobuf_begins(struct cursor head, const struct protobuf_message *m);

#endif /* FORMAT_PROTOBUF_H */
