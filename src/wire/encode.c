/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encode: a report as an ANSWER that fits.
 *
 * What does not fit is left out, the mildest entries first, and the report is
 * marked cut; the summary is always whole, so the verdict and its worst reason
 * never depend on the room.
 */
#include <string.h>

#include "wire/answer.h"
#include "wire/wire.h"

/* The lists of a report, so that one loop serves them all. */
struct list {
	size_t (*count)(const struct report *r);
	enum verdict (*rank)(const struct report *r, size_t i);
	const char *(*where)(const struct report *r, size_t i);
	uint64_t (*cost)(const struct report *r, size_t i); /* without where */
	void (*put)(struct put *p, const struct report *r, size_t i);
};

/* How many bytes the entries of each verdict may take. */
struct quota {
	uint64_t left[VERDICT_COUNT];
};

static size_t
finding_count(const struct report *r)
{
	return r->finding_count;
}

static enum verdict
finding_rank(const struct report *r, size_t i)
{
	return r->findings[i].verdict;
}

static const char *
finding_where(const struct report *r, size_t i)
{
	return r->findings[i].where;
}

static uint64_t
finding_cost(const struct report *r, size_t i)
{
	const struct finding *f = &r->findings[i];

	return (uint64_t)ANSWER_FINDING + strlen(f->rule) + strlen(f->message) +
	    strlen(f->evidence);
}

static void
finding_put(struct put *p, const struct report *r, size_t i)
{
	const struct finding *f = &r->findings[i];

	put_u8(p, (uint8_t)f->severity);
	put_u8(p, (uint8_t)f->verdict);
	put_u64(p, f->offset);
	put_u32(p, f->count);
	put_string(p, f->rule, strlen(f->rule));
	put_string(p, f->message, strlen(f->message));
	put_string(p, f->evidence, strlen(f->evidence));
}

static size_t
import_count(const struct report *r)
{
	return r->import_count;
}

static enum verdict
import_rank(const struct report *r, size_t i)
{
	return r->imports[i].verdict;
}

static const char *
import_where(const struct report *r, size_t i)
{
	return r->imports[i].where;
}

static uint64_t
import_cost(const struct report *r, size_t i)
{
	const struct import *m = &r->imports[i];

	return (uint64_t)ANSWER_IMPORT + m->module_size + m->name_size +
	    strlen(m->reason);
}

static void
import_put(struct put *p, const struct report *r, size_t i)
{
	const struct import *m = &r->imports[i];

	put_u8(p, (uint8_t)m->use);
	put_u8(p, (uint8_t)m->verdict);
	put_u64(p, m->offset);
	put_string(p, m->module, m->module_size);
	put_string(p, m->name, m->name_size);
	put_string(p, m->reason, strlen(m->reason));
}

static size_t
member_count(const struct report *r)
{
	return r->member_count;
}

static enum verdict
member_rank(const struct report *r, size_t i)
{
	(void)r;
	(void)i;
	return VERDICT_CLEAN;
}

static const char *
member_where(const struct report *r, size_t i)
{
	return r->members[i].where;
}

static uint64_t
member_cost(const struct report *r, size_t i)
{
	return (uint64_t)ANSWER_MEMBER + strlen(r->members[i].format);
}

static void
member_put(struct put *p, const struct report *r, size_t i)
{
	const struct member *m = &r->members[i];

	put_u64(p, m->offset);
	put_u64(p, m->size);
	put_string(p, m->format, strlen(m->format));
}

static size_t
line_count(const struct report *r)
{
	return r->line_count;
}

static enum verdict
line_rank(const struct report *r, size_t i)
{
	return r->lines[i].verdict;
}

static const char *
line_where(const struct report *r, size_t i)
{
	return r->lines[i].where;
}

static uint64_t
line_cost(const struct report *r, size_t i)
{
	const struct line *l = &r->lines[i];

	return (uint64_t)ANSWER_LINE + strlen(l->text) + strlen(l->why);
}

static void
line_put(struct put *p, const struct report *r, size_t i)
{
	const struct line *l = &r->lines[i];

	put_u8(p, (uint8_t)l->verdict);
	put_u64(p, l->offset);
	put_u64(p, l->skipped);
	put_string(p, l->text, strlen(l->text));
	put_string(p, l->why, strlen(l->why));
}

enum { LIST_COUNT = 4 };

/* In order of importance: the first has its room first. */
static const struct list lists[LIST_COUNT] = {
	{ finding_count, finding_rank, finding_where, finding_cost,
	    finding_put },
	{ import_count, import_rank, import_where, import_cost, import_put },
	{ member_count, member_rank, member_where, member_cost, member_put },
	{ line_count, line_rank, line_where, line_cost, line_put },
};

static unsigned
rank_of(const struct list *l, const struct report *r, size_t i)
{
	unsigned rank = l->rank(r, i);

	return rank < VERDICT_COUNT ? rank : VERDICT_MALICIOUS;
}

/* Bytes that "where" takes after an entry with the path last. */
static uint64_t
where_cost(const char *where, const char *last)
{
	return strcmp(where, last) == 0 ? 0 : PUT_STRING + strlen(where);
}

/* Bytes of the whole list, entries in the same place sharing its path. */
static uint64_t
list_cost(const struct list *l, const struct report *r)
{
	const char *last = "";
	uint64_t sum = 0;

	for (size_t i = 0; i < l->count(r); i++) {
		sum += l->cost(r, i) + where_cost(l->where(r, i), last);
		last = l->where(r, i);
	}
	return sum;
}

/*
 * Share left among the entries of a list, the worst first; what is granted is
 * taken from *left.  When entries are left out, nobody knows yet which ones
 * stand next to each other, so each pays for its own path.
 */
static struct quota
list_plan(const struct list *l, const struct report *r, uint64_t *left)
{
	uint64_t want = list_cost(l, r);
	struct quota q = { { 0 } };

	if (want <= *left) {
		*left -= want;
		for (size_t v = 0; v < VERDICT_COUNT; v++)
			q.left[v] = UINT64_MAX;
		return q;
	}
	for (size_t i = 0; i < l->count(r); i++)
		q.left[rank_of(l, r, i)] +=
		    l->cost(r, i) + PUT_STRING + strlen(l->where(r, i));
	for (size_t v = VERDICT_COUNT; v > 0; v--) {
		if (q.left[v - 1] > *left)
			q.left[v - 1] = *left;
		*left -= q.left[v - 1];
	}
	return q;
}

/* Write what the quota allows, in the report's order. False: some was left
 * out. */
static bool
list_put(struct put *p, const struct list *l, const struct report *r,
    struct quota *q)
{
	uint8_t *count_at = p->at;
	const char *last = "";
	uint32_t count = 0;
	struct put patch;

	put_u32(p, 0);
	for (size_t i = 0; i < l->count(r); i++) {
		const char *where = l->where(r, i);
		uint64_t cost = l->cost(r, i) + PUT_STRING + strlen(where);
		unsigned rank = rank_of(l, r, i);

		if (q->left[rank] < cost)
			continue;
		q->left[rank] -= cost;
		l->put(p, r, i);
		put_u8(p, strcmp(where, last) != 0);
		if (strcmp(where, last) != 0)
			put_string(p, where, strlen(where));
		last = where;
		count++;
	}
	patch = put_over(count_at, sizeof(count));
	put_u32(&patch, count);
	return count == l->count(r);
}

/* Copy at most n - 1 bytes of s, whole UTF-8 characters, and a NUL. */
static void
clip(char *out, size_t n, const char *s)
{
	size_t size = strlen(s);

	if (size > n - 1) {
		size = n - 1;
		while (size > 0 && ((uint8_t)s[size] & 0xc0) == 0x80)
			size--;
	}
	memcpy(out, s, size);
	out[size] = '\0';
}

/* The finding that says most: worst verdict, then severity, then first. */
static const struct finding *
finding_worst(const struct report *r)
{
	const struct finding *worst = NULL;

	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		if (worst == NULL || f->verdict > worst->verdict ||
		    (f->verdict == worst->verdict &&
			f->severity > worst->severity))
			worst = f;
	}
	return worst;
}

/* A report that failed is at the least unverified, whatever it says. */
static enum verdict
report_verdict(const struct report *r)
{
	return r->error == NULL ? r->verdict
				: verdict_worse(r->verdict, VERDICT_UNVERIFIED);
}

static void
summary_of(const struct report *r, uint64_t id, struct wire_summary *out)
{
	const struct finding *worst = finding_worst(r);

	*out = (struct wire_summary){ .id = id,
		.verdict = report_verdict(r),
		.in_place = r->in_place,
		.size = r->size,
		.bytes_read = r->bytes_read,
		.elapsed_us = r->elapsed_us };
	clip(out->format, sizeof(out->format), r->format);
	if (worst != NULL) {
		clip(out->rule, sizeof(out->rule), worst->rule);
		clip(out->message, sizeof(out->message), worst->message);
		clip(out->where, sizeof(out->where), worst->where);
	} else if (r->error != NULL) {
		clip(out->message, sizeof(out->message), r->error);
	}
}

static void
summary_put(struct put *p, const struct wire_summary *s)
{
	put_u64(p, s->id);
	put_u8(p, (uint8_t)s->verdict);
	put_u8(p, s->in_place);
	put_u64(p, s->size);
	put_u64(p, s->bytes_read);
	put_u64(p, s->elapsed_us);
	put_string(p, s->format, strlen(s->format));
	put_string(p, s->rule, strlen(s->rule));
	put_string(p, s->message, strlen(s->message));
	put_string(p, s->where, strlen(s->where));
}

/* What every report has, clipped to what a summary could hold. */
struct fixed {
	struct wire_summary summary;
	char format[WIRE_TEXT_MAX + 1];
	char error[WIRE_TEXT_MAX + 1];
};

static uint64_t
fixed_cost(const struct fixed *f)
{
	const struct wire_summary *s = &f->summary;

	return (uint64_t)ANSWER_MIN + strlen(s->format) + strlen(s->rule) +
	    strlen(s->message) + strlen(s->where) + strlen(f->format) +
	    strlen(f->error);
}

/* The whole frame into n bytes at data. Returns its length; 0: a bug. */
static size_t
answer_put(uint8_t *data, size_t n, const struct report *r,
    const struct fixed *f, struct quota quotas[LIST_COUNT])
{
	struct put p = put_over(data, n), patch;
	bool cut = r->cut;
	uint8_t *cut_at;

	put_u32(&p, ANSWER_MAGIC);
	put_u32(&p, 0);
	summary_put(&p, &f->summary);
	cut_at = p.at;
	put_u8(&p, 0);
	put_string(&p, f->format, strlen(f->format));
	put_u8(&p, r->error != NULL);
	put_string(&p, f->error, strlen(f->error));
	for (size_t i = 0; i < LIST_COUNT; i++)
		cut |= !list_put(&p, &lists[i], r, &quotas[i]);
	put_u64(&p, r->lines_skipped);
	if (p.full)
		return 0;
	*cut_at = cut;
	patch = put_over(data + 4, 4);
	put_u32(&patch, (uint32_t)(p.at - data));
	return (size_t)(p.at - data);
}

enum err
wire_answer_encode(
    const struct report *r, uint64_t id, size_t max, struct buf *out)
{
	size_t room = max < WIRE_REPORT_MAX ? max : WIRE_REPORT_MAX;
	struct quota quotas[LIST_COUNT];
	struct fixed f;
	uint64_t left;
	uint8_t *data;
	size_t n;

	if (room > out->max - out->size)
		room = out->max - out->size;
	summary_of(r, id, &f.summary);
	clip(f.format, sizeof(f.format), r->format);
	clip(f.error, sizeof(f.error), r->error == NULL ? "" : r->error);
	if (fixed_cost(&f) > room)
		return ERR_LIMIT;
	left = room - fixed_cost(&f);
	for (size_t i = 0; i < LIST_COUNT; i++)
		quotas[i] = list_plan(&lists[i], r, &left);
	room -= (size_t)left;
	if ((data = buf_grow(out, room)) == NULL)
		return ERR_NOMEM;
	if ((n = answer_put(data, room, r, &f, quotas)) == 0)
		return ERR_BUG;
	out->size += n;
	return ERR_OK;
}
