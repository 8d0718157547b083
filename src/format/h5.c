/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h5: walk an HDF5 file for what a loader can be led by.
 *
 * Keras keeps its model as JSON in the attribute model_config, PyTables
 * unpickles attributes: texts in attributes go to the engine as children.
 * Links, storage and virtual data sets that lie in other files are told
 * (CVE-2026-1669): honest ones stay beside the file.  Data is read only where
 * it is bytes or text (h5_data.c).
 * Where a structure breaks off, the bytes are searched for a model's JSON.
 *
 * Reference: HDF5 File Format Specification 3.0, IV.A.2: messages 0x01 to
 * 0x15; keras/src/legacy/saving/legacy_h5_format.py.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "byte/textform.h"
#include "format/formats.h"
#include "format/h5_file.h"
#include "format/path.h"
#include "format/sealed.h"

enum message {
	MESSAGE_LINK_INFO = 0x02,
	MESSAGE_TYPE = 0x03,
	MESSAGE_LINK = 0x06,
	MESSAGE_EXTERNAL = 0x07,
	MESSAGE_LAYOUT = 0x08,
	MESSAGE_FILTERS = 0x0b,
	MESSAGE_ATTRIBUTE = 0x0c,
	MESSAGE_SYMBOLS = 0x11,
	MESSAGE_ATTRIBUTE_INFO = 0x15,
};

enum {
	SHARED = 2, /* a message that only points at the real one */
	LINK_HARD = 0,
	LINK_EXTERNAL = 64,
	CLASS_STRING = 3,
	CLASS_OPAQUE = 5,
	CLASS_VARIABLE = 9,
	LAYOUT_VIRTUAL = 3,
	DENSE_ATTRIBUTE_ID = 0, /* where a record has its heap's id */
	DENSE_LINK_ID = 4,
	TEXT_MIN = 16,         /* a model or pickle that does anything */
	REFERENCES_MAX = 4096, /* strings of one attribute */
	EVIDENCE = 80,
	UNPACKED_MAX = 16 << 20, /* of a packed file, kept to be read */
};

struct attribute {
	const char *name;
	size_t name_size;
	unsigned type; /* class of its type */
	bool shared;   /* the type stands elsewhere */
	bool bytes;    /* numbers of one byte */
	struct cursor data;
};

static enum sniff
h5_sniff(const struct source *s, struct cursor head)
{
	static const char mark[] = "\x89HDF\r\n\x1a\n";
	const uint8_t *p = cursor_take(&head, sizeof(mark) - 1);
	uint64_t at;

	if (p == NULL)
		return SNIFF_NO;
	if (memcmp(p, mark, sizeof(mark) - 1) == 0)
		return SNIFF_YES;
	if (s->size == SOURCE_UNENDING || h5_find(s, &at) != ERR_OK)
		return SNIFF_NO;
	return SNIFF_MAYBE;
}

bool
h5_text_front(const uint8_t *s, size_t n)
{
	size_t i = 0;

	if (n < TEXT_MIN)
		return false;
	if (s[0] == 0x80 || textform_tell(s, n) != TEXTFORM_NONE)
		return true;
	/* A pickle in text, or JSON. */
	while (i < n && s[i] != '{' && s[i] <= ' ')
		i++;
	return i < n && strchr("{(ci]}", s[i]) != NULL && s[i] != '\0';
}

/* A text that JSON or a pickle could be: what loaders would take it for. */
static bool
text_matters(const uint8_t *s, size_t n)
{
	if (n < TEXT_MIN)
		return false;
	return s[n - 1] == '.' || s[0] == '{' ||
	    (h5_text_front(s, n) && s[0] != 'c' && s[0] != 'i');
}

/* Hand a text to the engine, without the padding behind it. */
enum err
h5_text(struct h5 *h, const char *name, size_t name_size, struct cursor text)
{
	size_t n = cursor_left(&text);
	const uint8_t *s = cursor_take(&text, n);
	struct child child = {
		.name = name, .name_size = name_size, .kind = CHILD_NESTED
	};
	struct source bytes;
	bool pickle;

	while (n > 0 && s[n - 1] == '\0')
		n--;
	if (n == 0 || !text_matters(s, n))
		return ERR_OK;
	if (s[0] != 0x80)
		visit_string(h->v, (const char *)s, n);
	if (name_size >= 12 && memcmp(name, "model_config", 12) == 0)
		h->keras = true;
	if (textform_tell(s, n) != TEXTFORM_NONE)
		return sealed_judge(h->v, &child, (const char *)s, n, &pickle);
	bytes = source_memory(s, n, h->v->budget);
	return visit_child(h->v, &child, &bytes, NULL);
}

/* Strings of variable length stand in global heaps. */
enum err
h5_references(struct h5 *h, const char *name, size_t name_size, struct cursor c)
{
	size_t each = 4u + h->offset + 4u;
	enum err e;

	for (unsigned i = 0; i < REFERENCES_MAX && cursor_left(&c) >= each;
	     i++) {
		uint64_t heap, size = cursor_u32le(&c);
		uint32_t index;

		heap = h5_address(h, &c);
		index = cursor_u32le(&c);
		if (size < TEXT_MIN || heap == 0 || heap >= h->s.size ||
		    index == 0)
			continue;
		e = h5_global(h, heap, index);
		if (e == ERR_OK)
			e = h5_text(h, name, name_size,
			    cursor_over(h->value.data, h->value.size));
		else
			h->unfollowed = true;
		if (err_fault(e) == ERR_FAULT_HOST || e == ERR_LIMIT)
			return e;
	}
	return ERR_OK;
}

/* Step over a part of an attribute, padded in version 1. */
static const uint8_t *
attribute_part(struct cursor *c, unsigned version, size_t n)
{
	return cursor_take(c, version == 1 ? (n + 7) & ~(size_t)7 : n);
}

static bool
attribute_read(struct cursor c, struct attribute *out)
{
	unsigned version = cursor_u8(&c), flags = cursor_u8(&c);
	size_t name = cursor_u16le(&c), type = cursor_u16le(&c);
	size_t space = cursor_u16le(&c);
	const uint8_t *p;

	if (version < 1 || version > 3)
		return false;
	if (version == 3)
		(void)cursor_u8(&c);
	if ((p = attribute_part(&c, version, name)) == NULL)
		return false;
	out->name = (const char *)p;
	out->name_size = strnlen((const char *)p, name);
	if ((p = attribute_part(&c, version, type)) == NULL)
		return false;
	out->shared = version > 1 && (flags & 1) != 0;
	out->type = type > 0 ? p[0] & 0xf : 0;
	out->bytes = type >= 8 && out->type == 0 && p[4] == 1 && p[5] == 0 &&
	    p[6] == 0 && p[7] == 0;
	if (attribute_part(&c, version, space) == NULL)
		return false;
	out->data = c;
	return true;
}

static enum err
attribute_judge(struct h5 *h, struct cursor data)
{
	struct attribute a;
	enum err e;

	if (!attribute_read(data, &a)) {
		h->broken = true;
		return ERR_OK;
	}
	if (a.type <= 1 && !a.shared && !a.bytes)
		return ERR_OK; /* numbers */
	if ((a.type == CLASS_STRING || a.type == CLASS_OPAQUE || a.bytes ||
		a.shared) &&
	    (e = h5_text(h, a.name, a.name_size, a.data)) != ERR_OK)
		return e;
	if (a.type != CLASS_VARIABLE && !a.shared)
		return ERR_OK;
	h->unfollowed = false;
	e = h5_references(h, a.name, a.name_size, a.data);
	if (h->unfollowed && a.type == CLASS_VARIABLE)
		h->broken = true;
	return e;
}

/* An attribute that came out of a heap, whose block will be read over. */
static enum err
attribute_dense(struct h5 *h, struct cursor data)
{
	size_t n = cursor_left(&data);

	buf_clear(&h->dense);
	if (buf_add(&h->dense, cursor_take(&data, n), n) != ERR_OK)
		return ERR_NOMEM;
	return attribute_judge(h, cursor_over(h->dense.data, n));
}

static void
path_find(struct h5 *h, enum rule rule, const char *s, size_t n)
{
	int shown = (int)(n < EVIDENCE ? n : EVIDENCE);

	if (path_is_absolute(s, n) || path_climbs(s, n) || path_is_url(s, n))
		visit_find(h->v, rule, h->base, "%.*s", shown, s);
	else
		visit_find(h->v, RULE_H5_BESIDE, h->base, "%.*s", shown, s);
}

/* The value of a link: where an object is, or the file that it is in. */
static enum err
link_value(struct h5 *h, unsigned type, struct cursor c)
{
	struct h5_task task = { .kind = H5_OBJECT };
	size_t n;
	const uint8_t *s;

	if (type == LINK_HARD) {
		task.at = h5_address(h, &c);
		return cursor_check(&c) == ERR_OK ? h5_push(h, &task)
						  : ERR_MALFORMED;
	}
	if (type != LINK_EXTERNAL)
		return ERR_OK;
	n = cursor_u16le(&c);
	s = cursor_take(&c, n);
	if (s == NULL || n < 1)
		return ERR_MALFORMED;
	/* behind a byte of flags: the file's name, then the object's */
	path_find(h, RULE_H5_LINK, (const char *)s + 1,
	    strnlen((const char *)s + 1, n - 1));
	return ERR_OK;
}

static enum err
link_read(struct h5 *h, struct cursor c)
{
	unsigned flags, type = LINK_HARD;
	uint64_t name;

	(void)cursor_u8(&c);
	flags = cursor_u8(&c);
	if ((flags & 8) != 0)
		type = cursor_u8(&c);
	if ((flags & 4) != 0)
		(void)cursor_take(&c, 8);
	if ((flags & 16) != 0)
		(void)cursor_u8(&c);
	name = cursor_le(&c, 1u << (flags & 3));
	if (name > cursor_left(&c)) {
		h->broken = true;
		return ERR_OK;
	}
	(void)cursor_take(&c, (size_t)name);
	return link_value(h, type, c);
}

/* Links and attributes that are stored densely. */
static enum err
dense_read(struct h5 *h, unsigned type, struct cursor c)
{
	bool links = type == MESSAGE_LINK_INFO;
	unsigned flags;
	uint64_t heap, index;

	(void)cursor_u8(&c);
	flags = cursor_u8(&c);
	if ((flags & 1) != 0)
		(void)cursor_take(&c, links ? 8 : 2);
	heap = h5_address(h, &c);
	index = h5_address(h, &c);
	if (cursor_check(&c) != ERR_OK)
		return ERR_MALFORMED;
	return h5_dense(h, heap, index,
	    links ? DENSE_LINK_ID : DENSE_ATTRIBUTE_ID,
	    links ? link_read : attribute_dense);
}

/* Data in files of its own: their names stand in a local heap. */
static enum err
external_read(struct h5 *h, struct cursor c)
{
	uint64_t heap;
	unsigned count;

	(void)cursor_take(&c, 4);
	(void)cursor_u16le(&c);
	count = cursor_u16le(&c);
	heap = h5_address(h, &c);
	for (unsigned i = 0; i < count && cursor_check(&c) == ERR_OK; i++) {
		uint64_t name = h5_size(h, &c);
		enum err e;

		(void)cursor_take(&c, 2u * h->length);
		if ((e = h5_local(h, heap, name)) != ERR_OK)
			return e;
		path_find(
		    h, RULE_H5_STORAGE, buf_text(&h->value), h->value.size);
	}
	return ERR_OK;
}

/* A data set that is put together of others: the first file is named. */
static enum err
layout_read(struct h5 *h, struct cursor c)
{
	unsigned version = cursor_u8(&c), class = cursor_u8(&c);
	uint64_t heap = h5_address(h, &c);
	uint32_t index = cursor_u32le(&c);
	size_t skip = 1 + h->length;
	const char *s;
	enum err e;

	if (version < 4 || class != LAYOUT_VIRTUAL || heap == UINT64_MAX ||
	    cursor_check(&c) != ERR_OK)
		return ERR_OK;
	if ((e = h5_global(h, heap, index)) != ERR_OK)
		return e;
	if (h->value.size <= skip)
		return ERR_MALFORMED;
	s = buf_text(&h->value) + skip;
	path_find(h, RULE_H5_STORAGE, s, strnlen(s, h->value.size - skip));
	return ERR_OK;
}

static enum err
symbols_read(struct h5 *h, struct cursor c)
{
	struct h5_task task = { .kind = H5_TREE };

	task.at = h5_address(h, &c);
	task.heap = h5_address(h, &c);
	return cursor_check(&c) == ERR_OK ? h5_push(h, &task) : ERR_MALFORMED;
}

static enum err
message_read(struct h5 *h, unsigned type, unsigned flags, struct cursor data)
{
	enum err e;

	switch (type) {
	case MESSAGE_ATTRIBUTE:
		if ((flags & SHARED) == 0)
			return attribute_judge(h, data);
		h->broken = true;
		return ERR_OK;
	case MESSAGE_LINK:
		return link_read(h, data);
	case MESSAGE_LINK_INFO:
	case MESSAGE_ATTRIBUTE_INFO:
		return dense_read(h, type, data);
	case MESSAGE_EXTERNAL:
		return external_read(h, data);
	case MESSAGE_LAYOUT:
		if ((e = h5_data_layout(h, data)) != ERR_OK)
			return e;
		return layout_read(h, data);
	case MESSAGE_TYPE:
		if ((flags & SHARED) == 0)
			h5_data_type(h, data);
		return ERR_OK;
	case MESSAGE_FILTERS:
		if ((flags & SHARED) == 0)
			h5_data_filters(h, data);
		return ERR_OK;
	case MESSAGE_SYMBOLS:
		return symbols_read(h, data);
	default:
		return ERR_OK;
	}
}

/* Damage in one place does not keep the others from being read. */
static bool
error_is_local(const struct h5 *h, enum err e)
{
	return err_fault(e) == ERR_FAULT_INPUT &&
	    !(e == ERR_LIMIT && h->v->budget->spent != BUDGET_NOTHING);
}

static enum err
object_read(struct h5 *h, uint64_t at)
{
	enum err e;

	h5_data_begin(h);
	e = h5_messages(h, at, message_read);
	return e == ERR_OK ? h5_data_judge(h) : e;
}

static enum err
objects_read(struct h5 *h)
{
	struct h5_task task = { .kind = H5_OBJECT, .at = h->root };
	enum err e;

	if ((e = h5_push(h, &task)) != ERR_OK)
		return e;
	while (h5_pop(h, &task)) {
		e = task.kind == H5_TREE ? h5_tree(h, &task)
					 : object_read(h, task.at);
		if (e == ERR_OK)
			continue;
		if (!error_is_local(h, e))
			return e;
		h->broken = true;
	}
	return ERR_OK;
}

static enum err
h5_file_walk(struct visit *v, const struct source *s)
{
	AUTO(h5) struct h5 h = { 0 };
	uint64_t at;
	enum err e, searched;

	if ((e = h5_find(s, &at)) != ERR_OK)
		return e;
	visit_recognise(v, "hdf5", true);
	e = h5_begin(&h, v, s, at);
	if (e == ERR_OK)
		e = objects_read(&h);
	if (h.keras)
		visit_recognise(v, "keras-h5", true);
	if (at > 0)
		visit_find(v, RULE_H5_USER_BLOCK, 0, NULL);
	if (e == ERR_OK && !h.broken)
		return ERR_OK;
	if (e != ERR_OK && err_fault(e) != ERR_FAULT_INPUT)
		return e;
	if ((searched = h5_search(v, s)) != ERR_OK)
		return searched;
	return e != ERR_OK ? e : ERR_MALFORMED;
}

/* Of a packed file the addresses lead back and forth: it is kept whole. */
static enum err
h5_walk(struct visit *v, const struct source *s)
{
	AUTO(buf) struct buf whole = buf_new(UNPACKED_MAX);
	struct source kept;
	uint8_t *room;
	size_t got;
	enum err e;

	if (s->size != SOURCE_UNENDING)
		return h5_file_walk(v, s);
	if ((room = buf_grow(&whole, UNPACKED_MAX)) == NULL)
		return ERR_NOMEM;
	if ((e = source_read_some(s, 0, room, UNPACKED_MAX, &got)) != ERR_OK)
		return e;
	kept = source_memory(room, got, v->budget);
	if (got < UNPACKED_MAX)
		return h5_file_walk(v, &kept);
	if ((e = h5_file_walk(v, &kept)) != ERR_OK)
		return e;
	return ERR_UNSUPPORTED;
}

const struct format format_h5 = {
	.name = "hdf5",
	.title = "HDF5, Keras models in it",
	.extensions = ".h5 .hdf5 .keras",
	.reference = "HDF5 File Format Specification 3.0",
	.in_place = true,
	.sniff = h5_sniff,
	.walk = h5_walk,
};
