/* SPDX-License-Identifier: Apache-2.0 */
/* rdata_number: numbers and texts of R's objects, in each of the three forms.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "format/rdata_item.h"

enum { LINE_MAX_SIZE = 64 };

/* A line of the form that is text. */
static enum err
line_read(struct rdata *r, char line[LINE_MAX_SIZE])
{
	size_t n = 0;
	enum err e;

	for (;;) {
		if (stream_left(&r->in) == 0 &&
		    (e = stream_fill(&r->in, 1)) != ERR_OK)
			return e;
		if (*r->in.at == '\n') {
			r->in.at++;
			if (n == 0)
				continue; /* before a number are blanks */
			line[n] = '\0';
			return ERR_OK;
		}
		if (n + 1 >= LINE_MAX_SIZE)
			return ERR_MALFORMED;
		line[n++] = (char)*r->in.at++;
	}
}

enum err
rdata_int(struct rdata *r, int32_t *out)
{
	char line[LINE_MAX_SIZE], *end;
	const uint8_t *p;
	uint32_t n;
	long value;
	enum err e;

	if (r->form == 'A') {
		if ((e = line_read(r, line)) != ERR_OK)
			return e;
		value = strcmp(line, "NA") == 0 ? INT32_MIN
						: strtol(line, &end, 10);
		if (strcmp(line, "NA") != 0 &&
		    (end == line || value > INT32_MAX || value < INT32_MIN))
			return ERR_MALFORMED;
		*out = (int32_t)value;
		return ERR_OK;
	}
	if (stream_left(&r->in) < 4 && (e = stream_fill(&r->in, 4)) != ERR_OK)
		return e;
	p = r->in.at;
	n = r->form == 'X' ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3]
			   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
		(uint32_t)p[1] << 8 | p[0];
	r->in.at += 4;
	*out = (int32_t)n;
	return ERR_OK;
}

/* One byte of an escaped text. */
static enum err
escaped_read(struct rdata *r, uint8_t *out)
{
	unsigned value = 0;
	enum err e;

	if (stream_left(&r->in) < 4) {
		e = stream_fill(&r->in, 4);
		if (e != ERR_OK && (e != ERR_SHORT || stream_left(&r->in) == 0))
			return e;
	}
	*out = *r->in.at++;
	if (*out != '\\' || stream_left(&r->in) == 0)
		return ERR_OK;
	for (unsigned i = 0; i < 3 && stream_left(&r->in) > 0 &&
	     *r->in.at >= '0' && *r->in.at <= '7';
	     i++) {
		value = value * 8 + (unsigned)(*r->in.at++ - '0');
		*out = (uint8_t)value;
	}
	if (*out == '\\' && stream_left(&r->in) > 0)
		*out = *r->in.at++;
	return ERR_OK;
}

enum err
rdata_text(struct rdata *r, uint64_t n, char *to, size_t room)
{
	size_t keep = (size_t)ckd_min(n, room);
	enum err e;

	if (r->form == 'A') {
		for (uint64_t i = 0; i < n; i++) {
			uint8_t c;

			if ((e = budget_check(r->in.source.budget)) != ERR_OK ||
			    (e = escaped_read(r, &c)) != ERR_OK)
				return e;
			if (i < keep)
				to[i] = (char)c;
		}
		return ERR_OK;
	}
	if (keep > 0) {
		if ((e = stream_fill(&r->in, keep)) != ERR_OK)
			return e;
		memcpy(to, r->in.at, keep);
		r->in.at += keep;
	}
	return stream_skip(&r->in, n - keep);
}

/* n numbers of size bytes each, or lines lines. */
enum err
rdata_numbers_skip(struct rdata *r, uint64_t n, unsigned size, unsigned lines)
{
	char line[LINE_MAX_SIZE];
	uint64_t all;
	enum err e = ERR_OK;

	if (!ckd_mul(n, r->form == 'A' ? lines : size, &all))
		return ERR_SHORT;
	if (r->form != 'A')
		return stream_skip(&r->in, all);
	for (uint64_t i = 0; e == ERR_OK && i < all; i++)
		if ((e = budget_check(r->in.source.budget)) == ERR_OK)
			e = line_read(r, line);
	return e;
}

enum err
rdata_length(struct rdata *r, uint64_t *out)
{
	int32_t n, high, low;
	enum err e = rdata_int(r, &n);

	if (e != ERR_OK)
		return e;
	if (n == -1) { /* longer than 31 bits tell */
		if ((e = rdata_int(r, &high)) != ERR_OK ||
		    (e = rdata_int(r, &low)) != ERR_OK)
			return e;
		if (high < 0)
			return ERR_MALFORMED;
		*out = (uint64_t)(uint32_t)high << 32 | (uint32_t)low;
		return ERR_OK;
	}
	if (n < 0)
		return ERR_MALFORMED;
	*out = (uint64_t)n;
	return ERR_OK;
}
