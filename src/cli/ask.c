/* SPDX-License-Identifier: Apache-2.0 */
/* ask: one question to the guard. */
#include "cli/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_MS = 60000, /* a reload reads files; a query may wait its turn */
	REASON_MAX = 4096
};

bool
ask_open(struct ask *a, const struct command *command, const char *socket)
{
	const char *path = socket != NULL ? socket : getenv("CKPTGUARD_SOCKET");

	*a = (struct ask){ .command = command, .talk = { .fd = -1 } };
	if (path == NULL)
		path = TALK_SOCKET;
	a->line = malloc(sizeof(*a->line));
	if (a->line == NULL) {
		cli_complain("%s: out of memory", command->name);
		return false;
	}
	if (talk_open(path, &a->talk) == ERR_OK)
		return true;
	if (errno == ENOENT || errno == ECONNREFUSED)
		cli_complain("%s: no guard answers at %s: is ckptguardd "
			     "running? (--socket says where it answers)",
		    command->name, path);
	else
		cli_complain(
		    "%s: %s: %s", command->name, path, strerror(errno));
	ask_free(a);
	return false;
}

void
ask_free(struct ask *a)
{
	talk_free(&a->talk);
	free(a->line);
	a->line = NULL;
}

static void
complain_of(const struct ask *a, enum err e)
{
	const char *name = a->command->name;

	if (e == ERR_SHORT)
		cli_complain("%s: the guard hung up; it may be busy, or just "
			     "stopped: try again",
		    name);
	else if (e == ERR_SYS)
		cli_complain(
		    "%s: the guard does not answer: %s", name, strerror(errno));
	else
		cli_complain("%s: what answered is no guard of this version: "
			     "%s",
		    name, err_text(e));
}

enum err
ask_question(struct ask *a, struct buf *question, ask_fn item, void *context)
{
	enum err e = talk_ask(&a->talk, question);
	bool ok = false;

	while (e == ERR_OK &&
	    (e = talk_hear(&a->talk, ANSWER_MS, a->line)) == ERR_OK) {
		if (talk_last(a->line, &ok))
			return ok ? ERR_OK : ERR_USAGE;
		if (item != NULL && !item(a, context))
			return ERR_OK;
	}
	complain_of(a, e);
	return e == ERR_USAGE ? ERR_PROTO : e;
}

bool
ask_follow(struct ask *a, ask_fn item, void *context)
{
	enum err e;

	while ((e = talk_hear(&a->talk, -1, a->line)) == ERR_OK)
		if (!item(a, context))
			return true;
	complain_of(a, e);
	return false;
}

const struct json_value *
ask_member(const struct ask *a, const struct json_value *of, const char *name)
{
	return json_member(
	    &a->line->json, of == NULL ? a->line->values : of, name);
}

uint64_t
ask_count(const struct ask *a, const struct json_value *of, const char *name)
{
	uint64_t n = 0;

	(void)json_number(&a->line->json, ask_member(a, of, name), &n);
	return n;
}

bool
ask_error_is(const struct ask *a, const char *word)
{
	char error[32];

	return json_string(&a->line->json, ask_member(a, NULL, "error"), error,
		   sizeof(error)) == ERR_OK &&
	    strcmp(error, word) == 0;
}

void
ask_complain(const struct ask *a)
{
	char text[REASON_MAX];

	if (json_string(&a->line->json, ask_member(a, NULL, "message"), text,
		sizeof(text)) != ERR_OK)
		(void)snprintf(text, sizeof(text),
		    "it was not done, and no reason was given");
	cli_complain("%s: %s", a->command->name, text);
}
