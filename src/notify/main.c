/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: the desktop's agent, one for each session of a user.
 *
 * Follows the user's own events on the guard's control socket and shows them.
 * It has no rights but the user's; what its buttons ask for, the guard grants
 * or not.  When the guard is away it waits for it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glib-unix.h>
#include <glib.h>
#include <libnotify/notify.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "notify/note.h"

enum {
	EXIT_WRONG = 2,
	AGAIN_S = 2, /* until the guard is tried again */
	ANSWER_MS = 10000,
	TITLE_MAX = 128,
	OPT_SOCKET = 256,
	OPT_ALL,
	OPT_PRINT,
	OPT_HELP
};

struct agent {
	const char *socket;
	bool all;
	bool print; /* on standard output, without a desktop */
	bool markup, actions;
	bool away; /* the guard is, and that was said */
	GMainLoop *loop;
	struct talk talk;
	struct talk_line *line;
	guint talk_source, due_source;
	struct group group;
	GList *shown; /* NotifyNotification, as long as they may be clicked */
};

/* What a button is about. */
struct about {
	struct agent *agent;
	struct note note;
};

static void
complain(const char *what, const char *why)
{
	(void)fprintf(stderr, "ckptguard-notify: %s: %s\n", what, why);
}

static uint64_t
now_ms(void)
{
	return clock_now() / CLOCK_NS_PER_MS;
}

static void
on_closed(NotifyNotification *n, gpointer user)
{
	struct agent *a = user;

	a->shown = g_list_remove(a->shown, n);
	g_object_unref(n);
}

/* Show it; the desktop's trouble is told, and waits for nothing. */
static void
show(struct agent *a, NotifyNotification *n, NotifyUrgency urgency)
{
	GError *error = NULL;

	notify_notification_set_urgency(n, urgency);
	notify_notification_set_hint(
	    n, "desktop-entry", g_variant_new_string("ckptguard-notify"));
	(void)g_signal_connect(n, "closed", G_CALLBACK(on_closed), a);
	a->shown = g_list_prepend(a->shown, n);
	if (notify_notification_show(n, &error) == TRUE)
		return;
	complain("the desktop shows nothing",
	    error == NULL ? "no reason" : error->message);
	g_clear_error(&error);
	on_closed(n, a);
}

static void
say(struct agent *a, const char *title, const char *body)
{
	show(a, notify_notification_new(title, body, "dialog-information"),
	    NOTIFY_URGENCY_NORMAL);
}

static void
about_free(gpointer user)
{
	free(user);
}

static struct about *
about_new(struct agent *a, const struct note *note)
{
	struct about *about = malloc(sizeof(*about));

	if (about != NULL)
		*about = (struct about){ .agent = a, .note = *note };
	return about;
}

/* What the file is called in the vault; the last one that came from there. */
static bool
vault_id(struct agent *a, const struct note *n, char id[NOTE_WORD])
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	AUTO(talk) struct talk t = { .fd = -1 };
	const struct json *j = &a->line->json;
	static char path[NOTE_PATH];
	uint64_t stored, last = 0;
	bool ok = false;

	id[0] = '\0';
	if (talk_open(a->socket, &t) != ERR_OK ||
	    talk_begin(&q, "quarantine_list") != ERR_OK ||
	    talk_ask(&t, &q) != ERR_OK)
		return false;
	while (talk_hear(&t, ANSWER_MS, a->line) == ERR_OK &&
	    !talk_last(a->line, &ok)) {
		const struct json_value *file =
		    json_member(j, j->values, "file");

		if (json_string(j, json_member(j, file, "path"), path,
			sizeof(path)) == ERR_OK &&
		    strcmp(path, n->path) == 0 &&
		    json_number(j, json_member(j, file, "stored"), &stored) &&
		    stored >= last &&
		    json_string(j, json_member(j, file, "id"), id, NOTE_WORD) ==
			ERR_OK)
			last = stored;
	}
	return id[0] != '\0';
}

/* Ask the guard to give a file back. What it answers is for people. */
static bool
restore(struct agent *a, const struct note *n, char why[NOTE_TEXT])
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	AUTO(talk) struct talk t = { .fd = -1 };
	char id[NOTE_WORD];
	bool ok = false;
	enum err e;

	(void)snprintf(why, NOTE_TEXT, "the guard has it no more");
	if (!vault_id(a, n, id))
		return false;
	(void)snprintf(why, NOTE_TEXT, "the guard does not answer");
	if (talk_open(a->socket, &t) != ERR_OK ||
	    talk_begin(&q, "quarantine_restore") != ERR_OK ||
	    talk_text(&q, "id", id) != ERR_OK || talk_ask(&t, &q) != ERR_OK)
		return false;
	do
		e = talk_hear(&t, ANSWER_MS, a->line);
	while (e == ERR_OK && !talk_last(a->line, &ok));
	if (e != ERR_OK || ok)
		return e == ERR_OK;
	(void)!json_string(&a->line->json,
	    json_member(&a->line->json, a->line->json.values, "message"), why,
	    NOTE_TEXT);
	return false;
}

static void
on_restore(NotifyNotification *n, char *action, gpointer user)
{
	AUTO(buf) struct buf text = buf_new(BODY_MAX);
	struct about *about = user;
	struct agent *a = about->agent;
	char why[NOTE_TEXT];

	(void)n, (void)action;
	if (restore(a, &about->note, why)) {
		say(a, "The file was restored",
		    "It is where it was, and may be opened from now on.");
		return;
	}
	if (text_escape(&text, why, strlen(why)) == ERR_OK)
		say(a, "The file was not restored",
		    a->markup ? g_markup_escape_text(buf_text(&text), -1)
			      : buf_text(&text));
}

static void
add_button(NotifyNotification *n, const char *label, NotifyActionCallback fn,
    struct about *about)
{
	if (about != NULL)
		notify_notification_add_action(
		    n, label, label, fn, about, about_free);
}

/* Once more, before something dangerous comes back. */
static void
on_restore_first(NotifyNotification *n, char *action, gpointer user)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct about *about = user;
	struct agent *a = about->agent;
	NotifyNotification *ask;

	(void)n, (void)action;
	if (note_details(&about->note, a->markup, &body) != ERR_OK)
		return;
	ask = notify_notification_new("Restore this file all the same?",
	    buf_text(&body), "dialog-question");
	notify_notification_set_timeout(ask, NOTIFY_EXPIRES_NEVER);
	add_button(ask, "Restore it, I know what it is", on_restore,
	    about_new(a, &about->note));
	show(a, ask, NOTIFY_URGENCY_CRITICAL);
}

static void
on_details(NotifyNotification *n, char *action, gpointer user)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct about *about = user;
	struct agent *a = about->agent;
	NotifyNotification *more;

	(void)n, (void)action;
	if (note_details(&about->note, a->markup, &body) != ERR_OK)
		return;
	more = notify_notification_new(
	    "What this file is", buf_text(&body), "dialog-information");
	notify_notification_set_timeout(more, NOTIFY_EXPIRES_NEVER);
	if (about->note.kind == NOTE_QUARANTINED)
		add_button(more, "Restore\xe2\x80\xa6", on_restore_first,
		    about_new(a, &about->note));
	show(a, more, NOTIFY_URGENCY_NORMAL);
}

static void
show_group(struct agent *a)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	const struct note *first = &a->group.notes[0];
	char title[TITLE_MAX];
	NotifyNotification *n;

	(void)group_title(&a->group, title, sizeof(title));
	if (group_body(&a->group, a->markup, &body) != ERR_OK)
		return;
	if (a->print) {
		(void)printf("%s\n%s\n\n", title, buf_text(&body));
		(void)fflush(stdout);
		return;
	}
	n = notify_notification_new(title, buf_text(&body), "security-high");
	if (a->actions && a->group.files == 1) {
		add_button(n, "What is it?", on_details, about_new(a, first));
		if (first->kind == NOTE_QUARANTINED)
			add_button(n, "Restore\xe2\x80\xa6", on_restore_first,
			    about_new(a, first));
	}
	show(a, n, NOTIFY_URGENCY_CRITICAL);
}

static void due_begin(struct agent *a);

static gboolean
on_due(gpointer user)
{
	struct agent *a = user;

	a->due_source = 0;
	if (group_due(&a->group, now_ms()) == 0) {
		show_group(a);
		group_clear(&a->group, now_ms());
	}
	due_begin(a);
	return G_SOURCE_REMOVE;
}

static void
due_begin(struct agent *a)
{
	int ms = group_due(&a->group, now_ms());

	if (ms >= 0 && a->due_source == 0)
		a->due_source = g_timeout_add((guint)ms, on_due, a);
}

static gboolean on_again(gpointer user);

/* The guard went away. */
static void
hang_up(struct agent *a, const char *why)
{
	talk_free(&a->talk);
	if (!a->away)
		complain("waiting for the guard", why);
	a->away = true;
	(void)g_timeout_add_seconds(AGAIN_S, on_again, a);
}

/* Everything that was heard so far. ERR_SYS with ETIMEDOUT: no more now. */
static enum err
hear_all(struct agent *a)
{
	struct note note;
	enum err e;

	while ((e = talk_hear(&a->talk, 0, a->line)) == ERR_OK) {
		if (note_read(a->line, geteuid(), a->all, &note))
			group_add(&a->group, &note, now_ms());
	}
	return e;
}

static gboolean
on_heard(gint fd, GIOCondition condition, gpointer user)
{
	struct agent *a = user;
	enum err e;

	(void)fd, (void)condition;
	e = hear_all(a);
	due_begin(a);
	if (e == ERR_SYS && errno == ETIMEDOUT)
		return G_SOURCE_CONTINUE;
	a->talk_source = 0;
	hang_up(a, e == ERR_SYS ? strerror(errno) : err_text(e));
	return G_SOURCE_REMOVE;
}

static void
follow(struct agent *a)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);

	if (talk_open(a->socket, &a->talk) != ERR_OK ||
	    talk_begin(&q, "follow") != ERR_OK ||
	    talk_ask(&a->talk, &q) != ERR_OK) {
		hang_up(a, strerror(errno));
		return;
	}
	if (a->away)
		complain("the guard", "is back");
	a->away = false;
	a->talk_source =
	    g_unix_fd_add(a->talk.fd, G_IO_IN | G_IO_HUP, on_heard, a);
}

static gboolean
on_again(gpointer user)
{
	follow(user);
	return G_SOURCE_REMOVE;
}

static gboolean
on_signal(gpointer user)
{
	struct agent *a = user;

	g_main_loop_quit(a->loop);
	return G_SOURCE_CONTINUE;
}

/* One for each session: two would show everything twice. -1: not this one. */
static int
lock_session(void)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char path[NOTE_PATH];
	AUTO_CLOSE int fd = -1;

	if (folder == NULL || folder[0] != '/') {
		complain("XDG_RUNTIME_DIR",
		    "is not set: this is no session of a desktop");
		return -1;
	}
	(void)snprintf(path, sizeof(path), "%s/ckptguard-notify.lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1) {
		complain(path,
		    errno == EWOULDBLOCK ? "another one shows it already"
					 : strerror(errno));
		return -1;
	}
	return steal_fd(&fd);
}

/* What this desktop can do. */
static void
ask_desktop(struct agent *a)
{
	GList *caps = notify_get_server_caps();

	for (GList *c = caps; c != NULL; c = c->next) {
		a->markup |= strcmp(c->data, "body-markup") == 0;
		a->actions |= strcmp(c->data, "actions") == 0;
	}
	g_list_free_full(caps, g_free);
}

static const struct option longs[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* -1: go on. */
static int
parse(struct agent *a, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == OPT_SOCKET)
			a->socket = optarg;
		else if (option == OPT_ALL)
			a->all = true;
		else if (option == OPT_PRINT)
			a->print = true;
		else
			return option == OPT_HELP &&
				printf("ckptguard help notify says what this"
				       " is\n") > 0
			    ? 0
			    : EXIT_WRONG;
	}
	return optind == argc ? -1 : EXIT_WRONG;
}

static int
run(struct agent *a)
{
	AUTO_CLOSE int lock = a->print ? -1 : lock_session();

	if (!a->print && lock == -1)
		return EXIT_WRONG;
	if (!a->print && notify_init("ckptguard") != TRUE) {
		complain("the desktop", "shows no notifications");
		return EXIT_WRONG;
	}
	if (!a->print)
		ask_desktop(a);
	a->loop = g_main_loop_new(NULL, FALSE);
	(void)g_unix_signal_add(SIGTERM, on_signal, a);
	(void)g_unix_signal_add(SIGINT, on_signal, a);
	follow(a);
	g_main_loop_run(a->loop);
	g_main_loop_unref(a->loop);
	if (!a->print)
		notify_uninit();
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const char *socket = getenv("CKPTGUARD_SOCKET");
	static struct talk_line line;
	static struct agent a = { .talk = { .fd = -1 } };
	int status;

	a.socket = socket == NULL ? TALK_SOCKET : socket;
	a.line = &line;
	status = parse(&a, argc, argv);
	if (status == -1)
		status = run(&a);
	talk_free(&a.talk);
	return status;
}
