/* SPDX-License-Identifier: Apache-2.0 */
/* h5_dense: what is stored in fractal heaps, behind version 2 B-trees. */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/h5_file.h"

enum {
	TREE_DEPTH_MAX = 16, /* of a version 2 B-tree; each level is *100 */
	ROWS_MAX = 64,       /* of an indirect block: sizes double */
	ROWS_SANE = 40,      /* of them, those whose sizes fit a number */
	NODE_OVERHEAD = 10,  /* mark, version, type, checksum */
	LEVELS_MAX = 8,      /* of indirect blocks */
	NODES_MAX = 4096,    /* that wait, of one tree */
};

/* Bytes that hold numbers up to limit. */
static unsigned
bytes_for(uint64_t limit)
{
	unsigned bytes = 1;

	while (limit > 0xff) {
		limit >>= 8;
		bytes++;
	}
	return bytes;
}

static bool
has_mark(struct cursor *c, const char *mark)
{
	const uint8_t *p = cursor_take(c, 4);

	return p != NULL && memcmp(p, mark, 4) == 0;
}

/* A fractal heap, as its header says. */
struct heap {
	unsigned id_size;
	bool filtered;
	uint64_t huge;  /* the tree of huge objects */
	uint64_t huges; /* how many there are */
	uint64_t width, first, direct_max, managed_max;
	unsigned bits; /* of an offset in the heap */
	uint64_t root;
	unsigned rows; /* of the root; 0: it is a direct block */
};

static enum err
heap_read(struct h5 *h, uint64_t at, struct heap *out)
{
	struct cursor c;
	enum err e;

	if ((e = h5_read(h, at,
		 4 + 1 + 2 + 2 + 1 + 4 + 12u * h->length + 3u * h->offset + 8,
		 &h->block)) != ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	if (!has_mark(&c, "FRHP"))
		return ERR_MALFORMED;
	(void)cursor_u8(&c);
	out->id_size = cursor_u16le(&c);
	out->filtered = cursor_u16le(&c) != 0;
	(void)cursor_u8(&c);
	out->managed_max = cursor_u32le(&c);
	(void)h5_size(h, &c);
	out->huge = h5_address(h, &c);
	(void)h5_size(h, &c);
	(void)h5_address(h, &c);
	(void)cursor_take(&c, 5u * h->length);
	out->huges = h5_size(h, &c);
	(void)cursor_take(&c, 2u * h->length);
	out->width = cursor_u16le(&c);
	out->first = h5_size(h, &c);
	out->direct_max = h5_size(h, &c);
	out->bits = cursor_u16le(&c);
	(void)cursor_u16le(&c);
	out->root = h5_address(h, &c);
	out->rows = cursor_u16le(&c);
	if (cursor_check(&c) != ERR_OK || out->width == 0 || out->first == 0 ||
	    out->width > 0xffff || out->first > H5_BLOCK_MAX ||
	    out->bits == 0 || out->bits > 64 || out->rows > ROWS_MAX)
		return ERR_MALFORMED;
	return out->filtered ? ERR_UNSUPPORTED : ERR_OK;
}

/* Bytes of each block in a row of the doubling table. */
static uint64_t
row_size(const struct heap *f, unsigned row)
{
	return row < 2 ? f->first : f->first << (row - 1);
}

/* Which block of an indirect one holds *offset, which becomes what it is
 * within it; false outside of rows. */
static bool
table_find(const struct heap *f, unsigned rows, uint64_t *offset, unsigned *row,
    uint64_t *column)
{
	for (*row = 0; *row < rows && *row < ROWS_SANE; (*row)++) {
		uint64_t each = row_size(f, *row), whole;

		if (!ckd_mul(each, f->width, &whole))
			return false;
		if (*offset < whole) {
			*column = *offset / each;
			*offset %= each;
			return true;
		}
		*offset -= whole;
	}
	return false;
}

/* Rows whose blocks are direct. */
static unsigned
direct_rows(const struct heap *f)
{
	unsigned rows = 0;

	while (rows < ROWS_SANE && row_size(f, rows) <= f->direct_max)
		rows++;
	return rows;
}

/* Rows of the indirect block that a block of a row is. */
static unsigned
child_rows(const struct heap *f, unsigned row)
{
	uint64_t size = row_size(f, row), whole = 0;
	unsigned rows = 0;

	while (rows < ROWS_SANE && whole < size)
		whole += row_size(f, rows++) * f->width;
	return rows;
}

/* Where in the file a managed object is. */
static enum err
heap_locate(struct h5 *h, const struct heap *f, uint64_t offset, uint64_t *out)
{
	uint64_t at = f->root;
	unsigned rows = f->rows;

	for (unsigned level = 0; rows > 0 && level < LEVELS_MAX; level++) {
		unsigned row, direct = direct_rows(f);
		uint64_t column, entry, index;
		struct cursor c;
		enum err e;

		if (!table_find(f, rows, &offset, &row, &column))
			return ERR_MALFORMED;
		index = row * f->width + column;
		entry = 5u + h->offset + (f->bits + 7) / 8 + index * h->offset;
		if (!ckd_add(at, entry, &entry))
			return ERR_SHORT;
		if ((e = h5_read(h, entry, h->offset, &h->block)) != ERR_OK)
			return e;
		c = cursor_over(h->block.data, h->block.size);
		at = h5_address(h, &c);
		rows = row < direct ? 0 : child_rows(f, row);
	}
	return rows == 0 && ckd_add(at, offset, out) ? ERR_OK : ERR_MALFORMED;
}

/* The object that an id names. */
static enum err
heap_object(
    struct h5 *h, const struct heap *f, struct cursor id, h5_dense_fn *each)
{
	unsigned type = cursor_u8(&id) >> 4 & 3;
	uint64_t offset, size, at;
	enum err e;

	if (type !=
	    0) /* huge ones are read by themselves, tiny ones too small */
		return ERR_OK;
	offset = cursor_le(&id, (f->bits + 7) / 8);
	size =
	    cursor_le(&id, bytes_for(ckd_min(f->direct_max, f->managed_max)));
	if (cursor_check(&id) != ERR_OK)
		return ERR_MALFORMED;
	if ((e = heap_locate(h, f, offset, &at)) != ERR_OK ||
	    (e = h5_read(h, at, size, &h->block)) != ERR_OK)
		return e;
	return each(h, cursor_over(h->block.data, h->block.size));
}

/* A version 2 B-tree, as its header says. */
struct tree {
	uint64_t node;   /* bytes of a node */
	unsigned record; /* bytes of a record */
	unsigned depth;
	unsigned count_size[TREE_DEPTH_MAX + 1]; /* of all records below */
	unsigned own_size;                       /* of a node's records */
	uint64_t root;
	unsigned records; /* of the root */
};

/* Widths of the counts in a pointer, level by level.  Source: H5B2hdr.c,
 * H5B2__hdr_init(). */
static void
tree_widths(struct tree *t, unsigned offset)
{
	uint64_t most = (t->node - NODE_OVERHEAD) / t->record, below = most;

	t->own_size = bytes_for(most);
	t->count_size[0] = 0;
	for (unsigned level = 1; level <= t->depth; level++) {
		unsigned pointer =
		    offset + t->own_size + t->count_size[level - 1];
		uint64_t here = t->node < NODE_OVERHEAD + pointer
		    ? 0
		    : (t->node - NODE_OVERHEAD - pointer) /
			(t->record + pointer);

		if (!ckd_mul(here + 1, below, &below) ||
		    !ckd_add(below, here, &below))
			below = UINT64_MAX;
		t->count_size[level] = bytes_for(below);
	}
}

static enum err
tree_read(struct h5 *h, uint64_t at, struct tree *out)
{
	struct cursor c;
	enum err e;

	if ((e = h5_read(h, at, 16 + h->offset + 2u + h->length, &h->block)) !=
	    ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	if (!has_mark(&c, "BTHD"))
		return ERR_MALFORMED;
	(void)cursor_take(&c, 2);
	out->node = cursor_u32le(&c);
	out->record = cursor_u16le(&c);
	out->depth = cursor_u16le(&c);
	(void)cursor_take(&c, 2);
	out->root = h5_address(h, &c);
	out->records = cursor_u16le(&c);
	if (cursor_check(&c) != ERR_OK || out->record == 0 ||
	    out->node < NODE_OVERHEAD + out->record ||
	    out->node > H5_BLOCK_MAX || out->depth > TREE_DEPTH_MAX)
		return ERR_MALFORMED;
	tree_widths(out, h->offset);
	return ERR_OK;
}

/* What each record of a tree is told to. */
struct record_call {
	enum err (*each)(
	    struct h5 *h, const struct record_call *call, struct cursor record);
	const struct heap *heap;
	unsigned id_at;
	h5_dense_fn *tell;
};

struct node {
	uint64_t at;
	unsigned records, depth;
};

/* Nodes that wait; the block of the present one. */
struct node_list {
	struct node list[NODES_MAX];
	unsigned count;
	struct buf block;
};

/* The pointers of an inner node. */
static enum err
node_children(struct h5 *h, const struct tree *t, const struct node *n,
    struct cursor *c, struct node_list *todo)
{
	for (unsigned i = 0; i <= n->records; i++) {
		struct node child = { .depth = n->depth - 1 };

		child.at = h5_address(h, c);
		child.records = (unsigned)cursor_le(c, t->own_size);
		(void)cursor_take(c, t->count_size[n->depth - 1]);
		if (cursor_check(c) != ERR_OK)
			return ERR_MALFORMED;
		if (todo->count == sizeof(todo->list) / sizeof(todo->list[0]))
			return ERR_LIMIT;
		todo->list[todo->count++] = child;
	}
	return ERR_OK;
}

/* One node: its records to each, its pointers to todo. */
static enum err
node_read(struct h5 *h, const struct tree *t, const struct node *n,
    struct node_list *todo, const struct record_call *call)
{
	struct cursor c = cursor_over(todo->block.data, todo->block.size);
	enum err e;

	if (!has_mark(&c, n->depth > 0 ? "BTIN" : "BTLF"))
		return ERR_MALFORMED;
	(void)cursor_take(&c, 2);
	for (unsigned i = 0; i < n->records; i++) {
		const uint8_t *record = cursor_take(&c, t->record);

		if (record == NULL)
			return ERR_MALFORMED;
		if ((e = budget_take(h->v->budget, BUDGET_MEMBERS, 1)) !=
			ERR_OK ||
		    (e = call->each(h, call, cursor_over(record, t->record))) !=
			ERR_OK)
			return e;
	}
	return n->depth == 0 ? ERR_OK : node_children(h, t, n, &c, todo);
}

static void
node_list_free(struct node_list *l)
{
	buf_free(&l->block);
}

static enum err
tree_records(struct h5 *h, uint64_t at, const struct record_call *call)
{
	AUTO(node_list)
	struct node_list todo = { .block = buf_new(H5_BLOCK_MAX) };
	struct tree t;
	enum err e;

	if ((e = tree_read(h, at, &t)) != ERR_OK)
		return e;
	if (t.root == UINT64_MAX)
		return ERR_OK;
	todo.list[0] = (struct node){ t.root, t.records, t.depth };
	todo.count = 1;
	while (todo.count > 0) {
		struct node n = todo.list[--todo.count];

		if ((e = h5_read(h, n.at, t.node, &todo.block)) != ERR_OK ||
		    (e = node_read(h, &t, &n, &todo, call)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
record_managed(
    struct h5 *h, const struct record_call *call, struct cursor record)
{
	const uint8_t *id;

	(void)cursor_take(&record, call->id_at);
	id = cursor_take(&record, call->heap->id_size);
	if (id == NULL)
		return ERR_MALFORMED;
	return heap_object(
	    h, call->heap, cursor_over(id, call->heap->id_size), call->tell);
}

/* Type 1: a huge object that no filter packed. */
static enum err
record_huge(struct h5 *h, const struct record_call *call, struct cursor record)
{
	uint64_t at = h5_address(h, &record), size = h5_size(h, &record);
	enum err e;

	if (cursor_check(&record) != ERR_OK)
		return ERR_MALFORMED;
	if ((e = h5_read(h, at, size, &h->block)) != ERR_OK)
		return e;
	return call->tell(h, cursor_over(h->block.data, h->block.size));
}

enum err
h5_dense(struct h5 *h, uint64_t at, uint64_t index, unsigned id_at,
    h5_dense_fn *each)
{
	struct heap heap = { 0 };
	struct record_call call = { record_managed, &heap, id_at, each };
	enum err e;

	if (at == UINT64_MAX)
		return ERR_OK;
	if ((e = heap_read(h, at, &heap)) != ERR_OK)
		return e;
	if (index != UINT64_MAX &&
	    (e = tree_records(h, index, &call)) != ERR_OK)
		return e;
	if (heap.huges == 0 || heap.huge == UINT64_MAX)
		return ERR_OK;
	call.each = record_huge;
	return tree_records(h, heap.huge, &call);
}
