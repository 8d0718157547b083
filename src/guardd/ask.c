/* SPDX-License-Identifier: Apache-2.0 */
/* ask: reading a question, saying its answer. */
#include "guardd/ask.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"

enum { NAME_MAX_ASK = 32 }; /* bytes of a command's name, with its NUL */

/* Room behind the items for a last line that says why there are no more. */
enum { LAST_ROOM = 64 * 1024 };

static const char *const errors[ASK_ERROR_COUNT] = {
	[ASK_MALFORMED] = "malformed",
	[ASK_UNKNOWN] = "unknown",
	[ASK_FORBIDDEN] = "forbidden",
	[ASK_WRONG] = "wrong",
	[ASK_MISSING] = "missing",
	[ASK_BUSY] = "busy",
	[ASK_FAILED] = "failed",
};

static void
row_find(struct ask *a, const struct ask_row *rows, size_t count)
{
	char name[NAME_MAX_ASK];
	uint64_t v;

	if (!ask_number(a, "v", &v) || v != TALK_VERSION) {
		ask_fail(a, ASK_MALFORMED,
		    "ask in version %d of the protocol: {\"v\":%d,"
		    "\"command\":\"status\"}",
		    TALK_VERSION, TALK_VERSION);
		return;
	}
	if (!ask_text(a, "command", name, sizeof(name))) {
		ask_fail(a, ASK_MALFORMED, "the question has no command");
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0) {
			a->row = &rows[i];
			return;
		}
	ask_fail(a, ASK_UNKNOWN,
	    "this daemon knows no such command; is it older than the program "
	    "that asks?");
}

enum err
ask_new(const char *line, size_t n, const struct ask_row *rows, size_t count,
    struct ask **out)
{
	struct ask *a = calloc(1, sizeof(*a));

	if (a == NULL || (a->line = malloc(n + 1)) == NULL) {
		free(a);
		return ERR_NOMEM;
	}
	memcpy(a->line, line, n);
	a->line[n] = '\0';
	a->out = buf_new(ASK_ANSWER_MAX + LAST_ROOM);
	if (json_read(a->line, n, a->values, ASK_VALUES, &a->question) !=
		ERR_OK ||
	    a->values[0].type != JSON_OBJECT)
		ask_fail(a, ASK_MALFORMED,
		    "a question is a JSON object on a line of its own");
	else
		row_find(a, rows, count);
	*out = a;
	return ERR_OK;
}

void
ask_free(struct ask **ask)
{
	if (*ask == NULL)
		return;
	free((*ask)->line);
	buf_free(&(*ask)->out);
	free(*ask);
	*ask = NULL;
}

bool
ask_owns(const struct ask *ask, uid_t uid)
{
	return ask->by.admin || ask->by.uid == uid;
}

static const struct json_value *
member(const struct ask *ask, const char *name)
{
	return json_member(&ask->question, ask->values, name);
}

bool
ask_has(const struct ask *ask, const char *name)
{
	return member(ask, name) != NULL;
}

bool
ask_text(const struct ask *ask, const char *name, char *out, size_t room)
{
	return json_string(&ask->question, member(ask, name), out, room) ==
	    ERR_OK;
}

bool
ask_number(const struct ask *ask, const char *name, uint64_t *out)
{
	return json_number(&ask->question, member(ask, name), out);
}

bool
ask_flag(const struct ask *ask, const char *name)
{
	const struct json_value *v = member(ask, name);

	return v != NULL && v->type == JSON_TRUE;
}

bool
ask_item(struct ask *ask, const char *name, const char *json)
{
	size_t was = ask->out.size;

	if (ask->done || strlen(json) >= TALK_LINE_MAX - 2 * NAME_MAX_ASK)
		return false;
	if (buf_printf(&ask->out, "{\"v\":%d,\"%s\":%s}\n", TALK_VERSION, name,
		json) == ERR_OK &&
	    ask->out.size <= ASK_ANSWER_MAX)
		return true;
	ask->out.size = was;
	return false;
}

void
ask_ok(struct ask *ask, const char *members)
{
	if (ask->done)
		return;
	if (buf_printf(&ask->out, "{\"v\":%d,\"ok\":true%s%s}\n", TALK_VERSION,
		members[0] == '\0' ? "" : ",", members) == ERR_OK)
		ask->done = true;
	else
		ask_fail(ask, ASK_FAILED, "the answer is too long");
}

static enum err
put_failure(struct buf *out, enum ask_error error, const char *text)
{
	enum err e;

	if ((e = buf_printf(out,
		 "{\"v\":%d,\"ok\":false,\"error\":\"%s\",\"message\":\"",
		 TALK_VERSION, errors[error])) != ERR_OK ||
	    (e = text_json(out, text, strlen(text))) != ERR_OK)
		return e;
	return buf_puts(out, "\"}\n");
}

void
ask_fail(struct ask *ask, enum ask_error error, const char *format, ...)
{
	char text[ASK_REASON_MAX];
	size_t was = ask->out.size;
	va_list args;

	if (ask->done)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (put_failure(&ask->out, error, text) != ERR_OK)
		ask->out.size = was; /* then it hangs up without a word */
	ask->done = true;
}

bool
ask_cancelled(const struct ask *ask)
{
	return __atomic_load_n(&ask->cancelled, __ATOMIC_RELAXED) != 0;
}
