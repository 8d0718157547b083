/* SPDX-License-Identifier: Apache-2.0 */
/* tar_entry: blocks, numbers and extended headers. */
#include "format/tar_entry.h"

#include <string.h>

#include "base/ckd.h"

enum {
	/* Where the fields of a header lie. */
	NAME_AT = 0,
	NAME_SIZE = 100,
	SIZE_AT = 124,
	SIZE_SIZE = 12,
	SUM_AT = 148,
	SUM_SIZE = 8,
	TYPE_AT = 156,
	LINK_AT = 157,
	MARK_AT = 257,
	PREFIX_AT = 345,
	PREFIX_SIZE = 155,
	/* Extensions before one member: tarfile reads each in a deeper call,
	 * and gives up at some 300. */
	EXTENSIONS_MAX = 1024,
	/* Of a pax header, this much is read: names are at its front. */
	PAX_MAX = 16 * 1024,
	BASE256 = 0x80 /* first byte of a number that is not octal */
};

static const char tar_mark[5] = "ustar";

/* A string that ends at a NUL or at the end of its field. */
static size_t
field_text(const uint8_t *field, size_t n)
{
	const uint8_t *nul = memchr(field, 0, n);

	return nul == NULL ? n : (size_t)(nul - field);
}

/* Octal digits between blanks and NULs, or GNU's big-endian number. */
static bool
field_number(const uint8_t *p, size_t n, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = 0;

	if (p[0] == BASE256) {
		for (i = 1; i < n; i++) {
			if (value >> 56 != 0)
				return false;
			value = value << 8 | p[i];
		}
		*out = value;
		return true;
	}
	while (i < n && p[i] == ' ')
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++) {
		if (value >> 61 != 0)
			return false;
		value = value << 3 | (uint64_t)(p[i] - '0');
	}
	if (i < n && p[i] != ' ' && p[i] != 0)
		return false;
	*out = value;
	return true;
}

bool
tar_block_is_marked(const uint8_t block[TAR_BLOCK])
{
	return memcmp(block + MARK_AT, tar_mark, sizeof(tar_mark)) == 0;
}

bool
tar_block_is_header(const uint8_t block[TAR_BLOCK])
{
	uint64_t sum = SUM_SIZE * ' ', signed_sum = SUM_SIZE * ' ', told;

	if (block[NAME_AT] == 0 && !tar_block_is_marked(block))
		return false;
	if (!field_number(block + SUM_AT, SUM_SIZE, &told))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		if (i >= SUM_AT && i < SUM_AT + SUM_SIZE)
			continue;
		sum += block[i];
		/* some old writers summed up signed characters */
		signed_sum += (uint64_t)(int64_t)(int8_t)block[i];
	}
	return told == sum || told == signed_sum;
}

static enum tar_type
type_of(uint8_t c)
{
	switch (c) {
	case 0:
	case '0':
	case '7':
	case 'S': /* GNU's sparse file: its data is a file's */
		return TAR_FILE;
	case '1':
		return TAR_HARD_LINK;
	case '2':
		return TAR_SYMBOLIC_LINK;
	case '3':
	case '4':
	case '6':
		return TAR_DEVICE;
	case '5':
		return TAR_FOLDER;
	default:
		return TAR_OTHER;
	}
}

/* What extensions say of the member behind them. */
struct extension {
	bool name, link, size; /* which are said */
};

static void
set_text(char *to, size_t *to_size, const void *text, size_t n)
{
	n = (size_t)ckd_min(n, TAR_NAME_MAX);
	memcpy(to, text, n);
	*to_size = n;
}

/* The header's own name: prefix and name, when POSIX wrote it. */
static void
entry_short_name(struct tar_entry *e, const uint8_t *block)
{
	size_t prefix = 0, n = field_text(block + NAME_AT, NAME_SIZE);

	/* GNU has other things there, and blanks behind its mark */
	if (tar_block_is_marked(block) && block[MARK_AT + 5] == 0)
		prefix = field_text(block + PREFIX_AT, PREFIX_SIZE);
	memcpy(e->short_name, block + PREFIX_AT, prefix);
	if (prefix > 0)
		e->short_name[prefix++] = '/';
	memcpy(e->short_name + prefix, block + NAME_AT, n);
	e->short_size = prefix + n;
}

/* Fill in what the member's header says and no extension did. */
static bool
entry_fill(struct tar_entry *e, const struct extension *x, const uint8_t *block)
{
	uint64_t size;

	if (!field_number(block + SIZE_AT, SIZE_SIZE, &size))
		return false;
	e->type = type_of(block[TYPE_AT]);
	entry_short_name(e, block);
	if (!x->name)
		set_text(e->name, &e->name_size, e->short_name, e->short_size);
	if (!x->link)
		set_text(e->link, &e->link_size, block + LINK_AT,
		    field_text(block + LINK_AT, NAME_SIZE));
	if (!x->size)
		e->size = size;
	/* version 7 marks a folder by its name */
	if (e->type == TAR_FILE && block[TYPE_AT] == 0 && e->name_size > 0 &&
	    e->name[e->name_size - 1] == '/')
		e->type = TAR_FOLDER;
	if (e->type != TAR_FILE && e->type != TAR_OTHER)
		e->size = 0; /* nothing follows, whatever the field says */
	return true;
}

/* One record of a pax header: "LENGTH KEY=VALUE\n". */
static void
pax_record(struct tar_entry *e, struct extension *x, const uint8_t *p, size_t n)
{
	const uint8_t *equals = memchr(p, '=', n);
	size_t key = equals == NULL ? 0 : (size_t)(equals - p);
	const uint8_t *value = equals + 1;
	size_t size = n - key - 1;

	if (equals == NULL)
		return;
	if (key == 4 && memcmp(p, "path", 4) == 0) {
		set_text(e->name, &e->name_size, value, size);
		x->name = true;
	} else if (key == 8 && memcmp(p, "linkpath", 8) == 0) {
		set_text(e->link, &e->link_size, value, size);
		x->link = true;
	} else if (key == 4 && memcmp(p, "size", 4) == 0) {
		uint64_t number = 0;

		for (size_t i = 0; i < size; i++)
			if (value[i] < '0' || value[i] > '9' ||
			    !ckd_mul(number, 10, &number) ||
			    !ckd_add(number, value[i] - '0', &number))
				return;
		e->size = number;
		x->size = true;
	}
}

static void
pax_records(
    struct tar_entry *e, struct extension *x, const uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		size_t digits = at, length = 0;

		while (digits < n && p[digits] >= '0' && p[digits] <= '9' &&
		    length <= PAX_MAX)
			length = length * 10 + (size_t)(p[digits++] - '0');
		if (digits == at || digits == n || p[digits] != ' ' ||
		    length <= digits - at + 1 || length > n - at)
			return;
		/* between the blank and the newline */
		pax_record(e, x, p + digits + 1, length - (digits - at) - 2);
		at += length;
	}
}

/* Data of n bytes at `at`, to the end of its last block. */
static uint64_t
behind_data(uint64_t at, uint64_t n)
{
	uint64_t end, blocks = n / TAR_BLOCK + (n % TAR_BLOCK != 0);

	if (!ckd_mul(blocks, TAR_BLOCK, &blocks) || !ckd_add(at, blocks, &end))
		return UINT64_MAX;
	return end;
}

/* Is the header an extension of the next one?  Then take what it says. */
static enum err
extension_read(const struct source *s, uint64_t data_at, const uint8_t *block,
    struct tar_entry *e, struct extension *x)
{
	uint8_t text[PAX_MAX];
	uint64_t size;
	size_t got;
	enum err err;

	if (!field_number(block + SIZE_AT, SIZE_SIZE, &size))
		return ERR_MALFORMED;
	if ((err = source_read_some(s, data_at, text,
		 (size_t)ckd_min(size, sizeof(text)), &got)) != ERR_OK)
		return err;
	switch (block[TYPE_AT]) {
	case 'L':
		set_text(e->name, &e->name_size, text, field_text(text, got));
		x->name = true;
		break;
	case 'K':
		set_text(e->link, &e->link_size, text, field_text(text, got));
		x->link = true;
		break;
	default:
		pax_records(e, x, text, got);
		break;
	}
	return ERR_OK;
}

static bool
type_is_extension(uint8_t type)
{
	/* g holds for all that follow; a name for all is no honest one, but
	 * Python would take it */
	return type == 'L' || type == 'K' || type == 'x' || type == 'X' ||
	    type == 'g';
}

enum err
tar_entry_read(
    const struct source *s, uint64_t *at, struct tar_entry *e, bool *more)
{
	struct extension x = { .name = false };
	struct tar_entry new = { .size = 0 };
	uint8_t block[TAR_BLOCK];
	size_t got;

	*more = false;
	for (unsigned i = 0; i <= EXTENSIONS_MAX; i++) {
		uint64_t size, here = *at;
		enum err err =
		    source_read_some(s, here, block, sizeof(block), &got);

		if (err != ERR_OK)
			return err;
		if (got < sizeof(block))
			return got == 0 && i == 0 ? ERR_OK : ERR_SHORT;
		if (!tar_block_is_header(block) ||
		    !field_number(block + SIZE_AT, SIZE_SIZE, &size))
			return ERR_OK; /* zeros, or what tarfile ends at */
		if (!type_is_extension(block[TYPE_AT])) {
			new.header_at = here;
			new.data_at = here + TAR_BLOCK;
			if (!entry_fill(&new, &x, block))
				return ERR_OK;
			*at = behind_data(new.data_at, new.size);
			*e = new;
			*more = true;
			return ERR_OK;
		}
		if ((err = extension_read(
			 s, here + TAR_BLOCK, block, &new, &x)) != ERR_OK)
			return err;
		*at = behind_data(here + TAR_BLOCK, size);
	}
	return ERR_LIMIT;
}
