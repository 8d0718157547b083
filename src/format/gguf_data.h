/* SPDX-License-Identifier: Apache-2.0 */
/* gguf_data: what gguf.c and gguf_data.c share, for them alone: reading in
 * order, and how the tensors lie. */
#ifndef FORMAT_GGUF_DATA_H
#define FORMAT_GGUF_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ckd.h"
#include "format/extents.h"
#include "format/path.h"
#include "model/format.h"

enum {
	GGUF_BLOCK = 64 * 1024, /* bytes read at once: a vocabulary has MBs */
	GGUF_ALIGNMENT = 32,    /* when no key says otherwise */
	GGUF_RANK_MAX = 4,      /* GGML_MAX_DIMS */
};

/* Bytes in order. */
struct gguf_in {
	struct source bytes;
	uint64_t next; /* offset of the next byte to take */
	size_t at, fill;
	uint8_t block[GGUF_BLOCK];
};

struct gguf {
	struct visit *v;
	const struct source *s;
	struct gguf_in in;
	bool big;         /* numbers are big-endian */
	bool lost;        /* a number lied: what follows cannot be found */
	bool sizes_known; /* every tensor is of a type in the table */
	uint32_t version;
	uint32_t alignment;
	uint64_t tensor_count, pair_count;
	struct buf key, text;
	struct extents keys, tensors;
};

struct gguf_tensor {
	uint64_t name; /* extents_name() */
	uint64_t row;  /* elements of the first dimension */
	uint64_t elements;
	uint64_t offset;
	uint32_t type;
};

/* Start; *out is to be freed. ERR_NOMEM, ERR_LIMIT. */
MUST_USE enum err gguf_begin(
    struct visit *v, const struct source *s, struct gguf **out);
void gguf_free(struct gguf **g);

/* Numbers; gguf_count() has the width of the version. Errors as
 * source_read(). */
MUST_USE enum err gguf_u32(struct gguf *g, uint32_t *out);
MUST_USE enum err gguf_u64(struct gguf *g, uint64_t *out);
MUST_USE enum err gguf_count(struct gguf *g, uint64_t *out);

/* Bytes left in the file. */
uint64_t gguf_left(const struct gguf *g);

/* Step over n bytes without reading what is not in the block. ERR_SHORT. */
MUST_USE enum err gguf_skip(struct gguf *g, uint64_t n);

/* Replace the content of to by the next n bytes. */
MUST_USE enum err gguf_bytes(struct gguf *g, struct buf *to, uint64_t n);

/* Note where a tensor lies, and whether it can be there. */
MUST_USE enum err gguf_tensor_add(struct gguf *g, const struct gguf_tensor *t);

/* Judge how all of them lie, and what lies between and behind. */
MUST_USE enum err gguf_data_judge(struct gguf *g);

#endif /* FORMAT_GGUF_DATA_H */
