/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msgpack: weights of Flax, as MessagePack.
 *
 * It has no place for code; a reader that unpickles a value would find it in
 * its binary ones, so these are looked at.  There is no mark: what is not
 * MessagePack from its first to its last byte is something else.
 *
 * Reference: msgpack spec.md; flax serialization.py.
 */
#include <string.h>

#include "base/ckd.h"
#include "byte/stream.h"
#include "format/formats.h"

enum {
	DEPTH_MAX = 256,
	PICKLE_PROTO = 0x80,
	PICKLE_PROTO_MAX = 5,
};

struct msgpack {
	struct visit *visit;
	struct stream in;
	const struct source *source;
	size_t depth;
	uint64_t left[DEPTH_MAX];
	uint64_t values;
};

/* A map whose first key is a name. */
static enum sniff
msgpack_sniff(const struct source *s, struct cursor head)
{
	uint8_t kind = cursor_u8(&head);
	size_t n;
	const uint8_t *name;

	(void)s;
	if (kind == 0xde)
		(void)cursor_take(&head, 2);
	else if (kind < 0x81 || kind > 0x8f)
		return SNIFF_NO;
	kind = cursor_u8(&head);
	n = kind == 0xd9 ? cursor_u8(&head) : kind & 0x1fu;
	if (kind != 0xd9 && (kind < 0xa1 || kind > 0xbf))
		return SNIFF_NO;
	if ((name = cursor_take(&head, n)) == NULL)
		return SNIFF_NO;
	for (size_t i = 0; i < n; i++)
		if (name[i] < ' ' || name[i] > '~')
			return SNIFF_NO;
	return SNIFF_MAYBE;
}

static enum err
number_read(struct msgpack *m, unsigned size, uint64_t *out)
{
	enum err e;

	*out = 0;
	if (stream_left(&m->in) < size &&
	    (e = stream_fill(&m->in, size)) != ERR_OK)
		return e;
	for (unsigned i = 0; i < size; i++)
		*out = *out << 8 | *m->in.at++;
	return ERR_OK;
}

static enum err
push(struct msgpack *m, uint64_t n)
{
	if (n == 0)
		return ERR_OK;
	if (m->depth == DEPTH_MAX)
		return ERR_LIMIT;
	m->left[m->depth++] = n;
	return ERR_OK;
}

/* A binary value that begins like a pickle: is it one? */
static enum err
binary_look(struct msgpack *m, uint64_t n)
{
	struct child child = { .name = "(binary value)",
		.name_size = 14,
		.offset = stream_pos(&m->in),
		.kind = CHILD_NESTED };
	struct child_result result = { .format = NULL };
	struct source value;
	enum err e;

	if (n < 4)
		return ERR_OK;
	if ((e = stream_fill(&m->in, 2)) != ERR_OK)
		return e;
	if (m->in.at[0] != PICKLE_PROTO || m->in.at[1] > PICKLE_PROTO_MAX ||
	    m->in.at[1] < 2)
		return ERR_OK;
	if ((e = source_view(m->source, child.offset, n, &value)) != ERR_OK ||
	    (e = visit_child(m->visit, &child, &value, &result)) != ERR_OK)
		return e;
	if (result.format != NULL)
		visit_find(m->visit, RULE_MSGPACK_PICKLE, child.offset, NULL);
	return ERR_OK;
}

static enum err
binary_read(struct msgpack *m, unsigned size)
{
	uint64_t n;
	enum err e;

	if ((e = number_read(m, size, &n)) != ERR_OK ||
	    (e = binary_look(m, n)) != ERR_OK)
		return e;
	return stream_skip(&m->in, n);
}

/* n bytes follow, behind a length of size bytes and more bytes of kind. */
static enum err
skip_sized(struct msgpack *m, unsigned size, unsigned more)
{
	uint64_t n;
	enum err e = number_read(m, size, &n);

	return e != ERR_OK ? e : stream_skip(&m->in, n + more);
}

static enum err
push_sized(struct msgpack *m, unsigned size, unsigned each)
{
	uint64_t n;
	enum err e = number_read(m, size, &n);

	return e != ERR_OK ? e : push(m, n * each);
}

static enum err
value_read(struct msgpack *m)
{
	/* bytes that follow 0xca to 0xd3 and 0xd4 to 0xd8 */
	static const uint8_t fixed[] = { 4, 8, 1, 2, 4, 8, 1, 2, 4, 8 };
	uint64_t kind;
	enum err e = number_read(m, 1, &kind);

	if (e != ERR_OK)
		return e;
	m->values++;
	if (kind < 0x80 || kind >= 0xe0 || kind == 0xc0 || kind == 0xc2 ||
	    kind == 0xc3)
		return ERR_OK;
	if (kind < 0x90)
		return push(m, 2 * (kind & 0xf));
	if (kind < 0xa0)
		return push(m, kind & 0xf);
	if (kind < 0xc0)
		return stream_skip(&m->in, kind & 0x1f);
	if (kind >= 0xc4 && kind <= 0xc6)
		return binary_read(m, 1u << (kind - 0xc4));
	if (kind >= 0xc7 && kind <= 0xc9)
		return skip_sized(m, 1u << (kind - 0xc7), 1);
	if (kind >= 0xca && kind <= 0xd3)
		return stream_skip(&m->in, fixed[kind - 0xca]);
	if (kind >= 0xd4 && kind <= 0xd8)
		return stream_skip(&m->in, 1 + (UINT64_C(1) << (kind - 0xd4)));
	if (kind >= 0xd9 && kind <= 0xdb)
		return skip_sized(m, 1u << (kind - 0xd9), 0);
	if (kind == 0xdc || kind == 0xdd)
		return push_sized(m, kind == 0xdc ? 2 : 4, 1);
	if (kind == 0xde || kind == 0xdf)
		return push_sized(m, kind == 0xde ? 2 : 4, 2);
	return ERR_MALFORMED;
}

static enum err
msgpack_walk(struct visit *v, const struct source *s)
{
	struct msgpack m = { .visit = v, .source = s };
	enum err e = stream_open(&m.in, s);

	if (e != ERR_OK)
		return e;
	e = push(&m, 1);
	while (e == ERR_OK && m.depth > 0) {
		if (--m.left[m.depth - 1] == 0)
			m.depth--;
		if ((e = budget_check(s->budget)) == ERR_OK)
			e = value_read(&m);
	}
	/* nothing may follow, or any few bytes would be one */
	if (e == ERR_OK && m.values > 2 && stream_left(&m.in) == 0 &&
	    stream_fill(&m.in, 1) == ERR_SHORT)
		visit_recognise(v, "msgpack", true);
	stream_free(&m.in);
	return e;
}

const struct format format_msgpack = {
	.name = "msgpack",
	.title = "weights of Flax (MessagePack)",
	.extensions = ".msgpack",
	.reference = "msgpack spec.md",
	.in_place = true,
	.sniff = msgpack_sniff,
	.walk = msgpack_walk,
};
