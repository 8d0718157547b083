/* SPDX-License-Identifier: Apache-2.0 */
/* progress: a bar, a rate, and the time that is left. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"

enum {
	DRAW_MS = 100,
	FIRST_MS = 500, /* what is done sooner needs no bar */
	BAR_LEAST = 8,  /* columns */
	BAR_MOST = 32,
	COLUMNS = 80,       /* where the terminal does not say */
	COLUMNS_MAX = 1000, /* nobody has more */
	LINE_MAX_BYTES = 8192,
	TEXT_MAX = 128,
	PERCENT = 100,
};

bool
progress_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return strcasestr(value, "utf-8") != NULL ||
			    strcasestr(value, "utf8") != NULL;
	}
	return false;
}

void
progress_begin(struct progress *p)
{
	p->begun = clock_now();
	p->drawn_at = 0;
	p->drawn = false;
}

void
progress_file(struct progress *p, bool found)
{
	p->done++;
	p->found += found;
}

/* What was more than estimated is no more than all. */
static uint64_t
progress_total(const struct progress *p)
{
	return p->total != 0 && p->total < p->done ? p->done : p->total;
}

/* "4,210 of 10,000 files" */
static void
line_count(const struct progress *p, char text[TEXT_MAX])
{
	uint64_t total = progress_total(p);

	if (total == 0)
		(void)snprintf(text, TEXT_MAX, "%" PRIu64 " files", p->done);
	else
		(void)snprintf(text, TEXT_MAX,
		    "%3" PRIu64 "%%  %" PRIu64 " of %" PRIu64 " files",
		    p->done * PERCENT / total, p->done, total);
}

/* "  1234/s  0:03 left", as far as it is known */
static void
line_rate(const struct progress *p, uint64_t now, char text[TEXT_MAX])
{
	double seconds = (double)(now - p->begun) / (double)CLOCK_NS_PER_S;
	double rate = seconds > 0 ? (double)p->done / seconds : 0;
	uint64_t total = progress_total(p), left;
	int n;

	text[0] = '\0';
	/* The first moments say nothing about the rest. */
	if (p->done == 0 || seconds < 0.5)
		return;
	n = snprintf(text, TEXT_MAX, "  %.*f/s", rate < 10 ? 1 : 0, rate);
	if (total == 0)
		return;
	left = (uint64_t)((double)(total - p->done) / rate + 0.5);
	if (left >= 3600)
		(void)snprintf(text + n, (size_t)(TEXT_MAX - n),
		    "  %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " left",
		    left / 3600, left / 60 % 60, left % 60);
	else
		(void)snprintf(text + n, (size_t)(TEXT_MAX - n),
		    "  %" PRIu64 ":%02" PRIu64 " left", left / 60, left % 60);
}

static enum err
line_bar(const struct progress *p, unsigned width, struct buf *out)
{
	uint64_t total = progress_total(p);
	unsigned full = total == 0 ? 0 : (unsigned)(p->done * width / total);
	enum err e = buf_puts(out, p->colour ? "\x1b[36m" : "");

	if (e == ERR_OK && !p->unicode)
		e = buf_puts(out, "[");
	for (unsigned i = 0; i < width && e == ERR_OK; i++) {
		if (p->colour && i == full)
			e = buf_puts(out, "\x1b[2m");
		if (e == ERR_OK && p->unicode)
			e = buf_puts(
			    out, i < full || p->colour ? "\xe2\x94\x81" : " ");
		else if (e == ERR_OK)
			e = buf_puts(out, i < full ? "#" : ".");
	}
	if (e == ERR_OK && !p->unicode)
		e = buf_puts(out, "]");
	if (e == ERR_OK)
		e = buf_puts(out, p->colour ? "\x1b[0m  " : "  ");
	return e;
}

enum err
progress_line(
    const struct progress *p, uint64_t now, unsigned columns, struct buf *out)
{
	char count[TEXT_MAX], rate[TEXT_MAX], found[TEXT_MAX] = "";
	size_t used, frame = p->unicode ? 2 : 4;
	enum err e = ERR_OK;
	bool fits;

	line_count(p, count);
	line_rate(p, now, rate);
	if (p->found != 0)
		(void)snprintf(
		    found, TEXT_MAX, "  %" PRIu64 " found", p->found);
	used = strlen(count) + strlen(rate) + strlen(found);
	if (p->total != 0 && columns >= used + frame + BAR_LEAST) {
		size_t room = columns - used - frame;

		e = line_bar(
		    p, room < BAR_MOST ? (unsigned)room : BAR_MOST, out);
	}
	if (e != ERR_OK)
		return e;
	/* A narrow terminal gets what matters, from the left. */
	fits = columns >= used;
	if (!fits)
		return buf_printf(out, "%.*s", (int)columns, count);
	if (!p->colour || p->found == 0)
		return buf_printf(out, "%s%s%s", count, rate, found);
	return buf_printf(out, "%s%s\x1b[1;31m%s\x1b[0m", count, rate, found);
}

static unsigned
columns_of(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return COLUMNS;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* Progress that can't be shown is no trouble of the scan. */
static void
progress_write(const struct progress *p, const char *text, size_t n)
{
	(void)!write(p->fd, text, n);
}

void
progress_clear(void *context)
{
	static const char clear[] = "\r\x1b[K";
	struct progress *p = context;

	if (!p->drawn)
		return;
	progress_write(p, clear, sizeof(clear) - 1);
	p->drawn = false;
}

static void
progress_draw(struct progress *p, uint64_t now)
{
	AUTO(buf) struct buf line = buf_new(LINE_MAX_BYTES);

	/* The last column stays free: some terminals wrap there. */
	if (buf_puts(&line, "\r\x1b[K") == ERR_OK &&
	    progress_line(p, now, columns_of(p->fd) - 1, &line) == ERR_OK)
		progress_write(p, buf_text(&line), line.size);
	p->drawn = true;
	p->drawn_at = now;
}

int
progress_tick(struct progress *p)
{
	uint64_t now, since, wait;

	if (!p->on)
		return -1;
	now = clock_now();
	since = (now - (p->drawn_at == 0 ? p->begun : p->drawn_at)) /
	    CLOCK_NS_PER_MS;
	wait = p->drawn_at == 0 ? FIRST_MS : DRAW_MS;
	if (since < wait)
		return (int)(wait - since);
	progress_draw(p, now);
	return DRAW_MS;
}

void
progress_end(struct progress *p)
{
	if (p->on && (p->always || p->drawn_at != 0))
		progress_draw(p, clock_now());
	progress_clear(p);
	p->on = false;
}
