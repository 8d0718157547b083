/* SPDX-License-Identifier: Apache-2.0 */
/* ask_recorder: what the recorder itself knows: status, counters, reloads,
 * releases. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "config.h"
#include "guardd/prometheus.h"
#include "guardd/recorder_state.h"

enum { STATUS_MAX = 256 * 1024, COUNTERS_MAX = 8192 };

void
ask_follow(struct ask *ask)
{
	ask->follows = true;
	ask_ok(ask, "\"follows\":true");
}

/* ,"text", or "text" for the first. */
static enum err
put_element(struct buf *out, bool first, const char *text, size_t n)
{
	enum err e;

	if ((e = buf_puts(out, first ? "\"" : ",\"")) != ERR_OK ||
	    (e = text_json(out, text, n)) != ERR_OK)
		return e;
	return buf_puts(out, "\"");
}

/* What the scout says about what is not guarded begins so. */
#define GAP "NOT GUARDED: "

/* The lines of text about gaps, or those about what is guarded. */
static enum err
put_lines(struct buf *out, const char *name, const char *text, bool gaps)
{
	enum err e = buf_printf(out, ",\"%s\":[", name);
	bool first = true;

	for (const char *at = text; *at != '\0' && e == ERR_OK;) {
		size_t n = strcspn(at, "\n");
		bool gap = strncmp(at, GAP, sizeof(GAP) - 1) == 0;

		if (gap == gaps) {
			e = put_element(out, first, at, n);
			first = false;
		}
		at += n + (at[n] == '\n');
	}
	return e != ERR_OK ? e : buf_puts(out, "]");
}

/* They name files of anybody: only administrators are told. */
static enum err
put_warnings(struct buf *out, const struct recorder *r, bool admin)
{
	size_t first = r->warned > WARNINGS ? r->warned - WARNINGS : 0;
	enum err e = buf_puts(out, ",\"warnings\":[");

	for (size_t i = first; admin && i < r->warned && e == ERR_OK; i++) {
		const char *text = r->warnings[i % WARNINGS];

		e = put_element(out, i == first, text, strlen(text));
	}
	return e != ERR_OK ? e : buf_puts(out, "]");
}

/* Which rules hold, once they are loaded. */
static enum err
put_loaded(struct buf *out, const struct recorder *r)
{
	return r->loaded[0] == '\0'
	    ? ERR_OK
	    : buf_printf(out, ",\"rules\":%s", r->loaded);
}

static enum err
put_counters(struct buf *out, const struct metrics *page)
{
	char text[COUNTERS_MAX];
	struct metrics m;

	metrics_read(page, &m);
	(void)metrics_json(&m, text, sizeof(text));
	return buf_printf(out, ",\"counters\":{%s}", text);
}

void
ask_status(struct ask *ask)
{
	AUTO(buf) struct buf out = buf_new(STATUS_MAX);
	const struct recorder *r = ask->world;

	if (buf_printf(&out, "\"version\":\"%s\"", PACKAGE_VERSION) != ERR_OK ||
	    put_lines(&out, "guarding", r->guarding, false) != ERR_OK ||
	    put_lines(&out, "not_guarded", r->guarding, true) != ERR_OK ||
	    put_loaded(&out, r) != ERR_OK ||
	    put_warnings(&out, r, ask->by.admin) != ERR_OK ||
	    put_counters(&out, r->start.metrics) != ERR_OK)
		ask_fail(ask, ASK_FAILED, "out of memory");
	else
		ask_ok(ask, buf_text(&out));
}

void
ask_metrics(struct ask *ask)
{
	AUTO(buf) struct buf out = buf_new(STATUS_MAX);
	AUTO(buf) struct buf text = buf_new(STATUS_MAX);
	const struct recorder *r = ask->world;
	struct metrics m;

	metrics_read(r->start.metrics, &m);
	if (put_counters(&out, r->start.metrics) != ERR_OK ||
	    prometheus_put(&m, clock_now(), &text) != ERR_OK ||
	    put_lines(&out, "text", buf_text(&text), false) != ERR_OK)
		ask_fail(ask, ASK_FAILED, "out of memory");
	else
		ask_ok(ask, buf_text(&out) + 1);
}

/* The keeper has the scout read it; ask_reloaded() says what came of it. */
void
ask_reload(struct ask *ask)
{
	const struct recorder *r = ask->world;
	struct msg head = { .type = MSG_RELOAD };

	if (channel_send(r->start.keeper, &head, NULL, 0, -1) != ERR_OK)
		ask_fail(ask, ASK_BUSY, "the guard is busy: try again");
	else
		ask->waits = true;
}

struct reloaded {
	int error;
	const char *text;
};

static void
reload_finish(struct ask *ask, const void *with)
{
	AUTO(buf) struct buf out = buf_new(STATUS_MAX);
	const struct reloaded *end = with;

	if (end->error != 0)
		ask_fail(ask, ASK_FAILED, "%s", end->text);
	else if (put_lines(&out, "text", end->text, false) == ERR_OK)
		ask_ok(ask, buf_text(&out) + 1);
}

void
ask_reloaded(struct recorder *r, int error, const char *text)
{
	struct reloaded end = { error, text };

	control_answer(&r->control, ask_reload, reload_finish, &end);
}

/* The keeper knows which group that is, and the gate says when it is done. */
void
ask_release(struct ask *ask)
{
	const struct recorder *r = ask->world;
	struct msg head = { .type = MSG_RELEASE };

	if (ask_has(ask, "dev") &&
	    (!ask_number(ask, "dev", &head.dev) || head.dev == 0))
		ask_fail(ask, ASK_WRONG,
		    "dev is the number of a filesystem: major << 32 | minor");
	else if (channel_send(r->start.keeper, &head, NULL, 0, -1) != ERR_OK)
		ask_fail(ask, ASK_BUSY, "the guard is busy: try again");
	else
		ask->waits = true;
}

static void
release_finish(struct ask *ask, const void *with)
{
	const uint64_t *released = with;
	uint64_t dev = 0;

	(void)ask_number(ask, "dev", &dev);
	if (released == NULL || *released == dev)
		ask_ok(ask, "");
}

void
ask_released(struct recorder *r, const uint64_t *dev)
{
	control_answer(&r->control, ask_release, release_finish, dev);
}
