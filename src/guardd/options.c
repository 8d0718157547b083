/* SPDX-License-Identifier: Apache-2.0 */
/* options: getopt_long, with our own sentences. */
#include "guardd/options.h"

#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_CRASH = 256,
	OPT_DEADLINE,
	OPT_OBSERVE,
	OPT_PROFILE,
	OPT_SCAN_NEW,
	OPT_SETTLE,
	OPT_SOCKET,
	OPT_STALL,
	OPT_STATE,
	OPT_VERSION,
	OPT_WATCH
};

#define CONFIG_DEFAULT CKPT_SYSCONFDIR "/ckptguard.conf"

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "deadline", required_argument, NULL, OPT_DEADLINE },
	{ "foreground", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "observe", no_argument, NULL, OPT_OBSERVE },
	{ "on-crash", required_argument, NULL, OPT_CRASH },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "scan-new", required_argument, NULL, OPT_SCAN_NEW },
	{ "settle", required_argument, NULL, OPT_SETTLE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "stall", required_argument, NULL, OPT_STALL },
	{ "state-dir", required_argument, NULL, OPT_STATE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "watch", required_argument, NULL, OPT_WATCH },
	{ NULL, 0, NULL, 0 },
};

const char *
options_help(void)
{
	return "usage: ckptguardd [-f] [-c FILE] [--watch DIR]...\n"
	       "\n"
	       "Judge every file that is opened below DIR before the open "
	       "goes on.\n"
	       "\n"
	       "  -f, --foreground      stay in the foreground and print each "
	       "denied open\n"
	       "  -c, --config FILE     what to guard, and how: "
	       "ckptguard.conf(5)\n"
	       "  --watch DIR           guard DIR and all below it\n"
	       "  --profile NAME        balanced (default) or strict\n"
	       "  --observe             judge and record, never deny\n"
	       "  --deadline SECONDS    answer an opener by then (10)\n"
	       "  --scan-new HOW        yes (default) or no: scan new files "
	       "before they are opened\n"
	       "  --settle SECONDS      ignore a directory outside when it is "
	       "so old (60)\n"
	       "  --stall SECONDS       end a worker that stands still (30)\n"
	       "  --on-crash HOW        closed (default) or open\n"
	       "  --state-dir DIR       log and state "
	       "(/var/lib/ckptguard; with -f a private one)\n"
	       "  --socket PATH         answer status requests there\n"
	       "  --help, --version\n";
}

/* A whole number of seconds from min to max. */
static bool
seconds_parse(const char *text, unsigned min, unsigned max, unsigned *out)
{
	char *end = NULL;
	unsigned long n;

	if (text[0] < '0' || text[0] > '9')
		return false;
	n = strtoul(text, &end, 10);
	if (*end != '\0' || n < min || n > max)
		return false;
	*out = (unsigned)n;
	return true;
}

/* Say why and be wrong. */
static enum err
usage(char *why, const char *format, const char *what)
{
	(void)snprintf(why, OPTIONS_WHY_MAX, format, what);
	return ERR_USAGE;
}

static enum err
take_watch(struct options *o, const char *dir, char *why)
{
	if (dir[0] == '\0')
		return usage(why, "--watch needs a directory%s", "");
	if (o->watch_count == OPTIONS_WATCH_MAX)
		return usage(why, "too many --watch directories: %s", dir);
	o->watch[o->watch_count++] = dir;
	o->given |= GIVEN_WATCH;
	return ERR_OK;
}

/* The bit of an option that a configuration has too. */
static unsigned
given_by(int opt)
{
	return opt == OPT_OBSERVE ? GIVEN_OBSERVE
	    : opt == OPT_CRASH    ? GIVEN_CRASH
	    : opt == OPT_PROFILE  ? GIVEN_PROFILE
	    : opt == OPT_DEADLINE ? GIVEN_DEADLINE
	    : opt == OPT_STALL    ? GIVEN_STALL
	    : opt == OPT_SETTLE   ? GIVEN_SETTLE
	    : opt == OPT_SCAN_NEW ? GIVEN_SCAN_NEW
				  : 0;
}

/* The options that take a value of a fixed set. */
static enum err
take_value(struct options *o, int opt, const char *value, char *why)
{
	if (opt == OPT_PROFILE && !profile_parse(value, &o->policy.profile))
		return usage(
		    why, "--profile is balanced or strict, not \"%s\"", value);
	if (opt == OPT_DEADLINE &&
	    !seconds_parse(value, 1, OPTIONS_DEADLINE_MAX, &o->deadline))
		return usage(why,
		    "--deadline is a whole number of seconds from 1 to 600, "
		    "not \"%s\"",
		    value);
	if (opt == OPT_STALL &&
	    !seconds_parse(value, 1, OPTIONS_STALL_MAX, &o->stall))
		return usage(why,
		    "--stall is a whole number of seconds from 1 to 3600, "
		    "not \"%s\"",
		    value);
	if (opt == OPT_SETTLE &&
	    !seconds_parse(value, 0, OPTIONS_SETTLE_MAX, &o->settle))
		return usage(why,
		    "--settle is a whole number of seconds up to 3600, "
		    "not \"%s\"",
		    value);
	if (opt == OPT_SCAN_NEW) {
		o->scan_new = strcmp(value, "yes") == 0;
		if (!o->scan_new && strcmp(value, "no") != 0)
			return usage(
			    why, "--scan-new is yes or no, not \"%s\"", value);
	}
	if (opt == OPT_CRASH) {
		o->crash_open = strcmp(value, "open") == 0;
		if (!o->crash_open && strcmp(value, "closed") != 0)
			return usage(why,
			    "--on-crash is closed or open, not \"%s\"", value);
	}
	return ERR_OK;
}

static enum err
take(struct options *o, int opt, char **argv, char *why)
{
	o->given |= given_by(opt);
	switch (opt) {
	case 'c':
		o->config = optarg;
		return ERR_OK;
	case 'f':
		o->foreground = true;
		return ERR_OK;
	case 'h':
		o->want = OPTIONS_HELP;
		return ERR_OK;
	case OPT_VERSION:
		o->want = OPTIONS_VERSION;
		return ERR_OK;
	case OPT_OBSERVE:
		o->observe = true;
		return ERR_OK;
	case OPT_SOCKET:
		o->socket = optarg;
		return ERR_OK;
	case OPT_STATE:
		o->state_dir = optarg;
		return ERR_OK;
	case OPT_WATCH:
		return take_watch(o, optarg, why);
	case ':':
		return usage(why, "%s needs a value", argv[optind - 1]);
	case '?':
		return usage(why,
		    "there is no option %s; see ckptguardd --help",
		    argv[optind - 1]);
	default:
		return take_value(o, opt, optarg, why);
	}
}

enum err
options_parse(
    int argc, char **argv, struct options *out, char why[OPTIONS_WHY_MAX])
{
	struct options o = { .deadline = OPTIONS_DEADLINE,
		.stall = OPTIONS_STALL,
		.settle = OPTIONS_SETTLE,
		.scan_new = true,
		.keep = { .history = { .bytes = (uint64_t)KEEPING_MB << 20,
			      .days = KEEPING_DAYS },
		    .admins = (gid_t)-1,
		    .terminal = true,
		    .journal = true } };
	int opt;

	optind = 0; /* start afresh, whoever asked before */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:c:fh", longs, NULL)) != -1) {
		enum err e = take(&o, opt, argv, why);

		if (e != ERR_OK)
			return e;
		if (o.want != OPTIONS_RUN)
			break;
	}
	if (o.want == OPTIONS_RUN && optind < argc)
		return usage(why,
		    "what is \"%s\"? A directory goes behind --watch",
		    argv[optind]);
	if (o.want == OPTIONS_RUN && o.watch_count == 0 && o.config == NULL) {
		if (access(CONFIG_DEFAULT, F_OK) == -1)
			return usage(why,
			    "nothing to guard: name a directory with --watch "
			    "DIR, or write %s",
			    CONFIG_DEFAULT);
		o.config = CONFIG_DEFAULT;
	}
	*out = o;
	return ERR_OK;
}

/* What is done with a verdict, in the configuration's words and in ours. */
static const enum act acts[CONF_ACT_COUNT] = {
	[CONF_ACT_PROFILE] = ACT_PROFILE,
	[CONF_ACT_ALLOW] = ACT_ALLOW,
	[CONF_ACT_NOTIFY] = ACT_NOTIFY,
	[CONF_ACT_DENY] = ACT_DENY,
	[CONF_ACT_QUARANTINE] = ACT_QUARANTINE,
};

static void
complete_policy(struct options *o, const struct conf *c)
{
	if ((o->given & GIVEN_PROFILE) == 0)
		o->policy.profile = c->values[CONF_PROFILE] == 0
		    ? PROFILE_BALANCED
		    : PROFILE_STRICT;
	o->policy.acts[VERDICT_UNKNOWN] = acts[c->values[CONF_UNKNOWN]];
	o->policy.acts[VERDICT_UNVERIFIED] = acts[c->values[CONF_UNVERIFIED]];
	o->policy.acts[VERDICT_SUSPICIOUS] = acts[c->values[CONF_SUSPICIOUS]];
	o->policy.acts[VERDICT_MALICIOUS] = acts[c->values[CONF_MALICIOUS]];
}

/* A watch's own.  One that sets its profile begins with that alone; else what
 * it doesn't say is as everywhere. */
static struct policy
policy_of_watch(const struct policy *all, const uint64_t *values)
{
	static const enum conf_key keys[VERDICT_COUNT] = {
		[VERDICT_UNKNOWN] = CONF_WATCH_UNKNOWN,
		[VERDICT_UNVERIFIED] = CONF_WATCH_UNVERIFIED,
		[VERDICT_SUSPICIOUS] = CONF_WATCH_SUSPICIOUS,
		[VERDICT_MALICIOUS] = CONF_WATCH_MALICIOUS,
	};
	struct policy p = *all;

	if (values[CONF_WATCH_PROFILE] != 0)
		p = (struct policy){ .profile = values[CONF_WATCH_PROFILE] == 1
			    ? PROFILE_BALANCED
			    : PROFILE_STRICT };
	for (enum verdict v = VERDICT_UNKNOWN; v < VERDICT_COUNT; v++)
		if (values[keys[v]] != 0)
			p.acts[v] = acts[values[keys[v]] - 1];
	return p;
}

/* Watches that are as everywhere have no policy of their own. */
static void
complete_watches(struct options *o, const struct conf *c)
{
	o->policy_count = 0;
	for (size_t i = 0; i < c->watch_count; i++) {
		struct policy p =
		    policy_of_watch(&o->policy, c->watch_values[i]);

		o->watch[i] = c->watches[i];
		o->watch_policy[i] = 0;
		if (memcmp(&p, &o->policy, sizeof(p)) == 0)
			continue;
		o->watch_policies[o->policy_count++] = p;
		o->watch_policy[i] = (uint8_t)o->policy_count;
	}
	o->watch_count = c->watch_count;
}

/* What the recorder keeps, and to whom it tells it. */
static void
complete_keeping(struct options *o, const struct conf *c, struct buf *why)
{
	const char *admins = c->texts[CONF_ADMINISTRATORS][0];
	const struct group *group = admins == NULL ? NULL : getgrnam(admins);

	if (admins != NULL && group == NULL)
		(void)!buf_printf(why,
		    "administrators: there is no group %s; only root may ask "
		    "for everything\n",
		    admins);
	o->keep.admins = group == NULL ? (gid_t)-1 : group->gr_gid;
	o->keep.history.bytes = c->values[CONF_HISTORY_MB] << 20;
	o->keep.history.days = c->values[CONF_HISTORY_DAYS];
	o->keep.terminal = c->values[CONF_TELL_TERMINAL] != 0;
	o->keep.journal = c->values[CONF_TELL_JOURNAL] != 0;
	o->keep.audit = c->values[CONF_TELL_AUDIT] != 0;
	exempt_find(c, &o->keep.exempt, why);
}

void
options_complete(struct options *o, const struct conf *c, struct buf *why)
{
	complete_policy(o, c);
	complete_keeping(o, c, why);
	if ((o->given & GIVEN_OBSERVE) == 0)
		o->observe = c->values[CONF_OBSERVE] != 0;
	if ((o->given & GIVEN_CRASH) == 0)
		o->crash_open = c->values[CONF_ON_CRASH] != 0;
	if ((o->given & GIVEN_DEADLINE) == 0)
		o->deadline = (unsigned)c->values[CONF_DEADLINE];
	if ((o->given & GIVEN_STALL) == 0)
		o->stall = (unsigned)c->values[CONF_STALL];
	if ((o->given & GIVEN_SCAN_NEW) == 0)
		o->scan_new = c->values[CONF_SCAN_NEW] != 0;
	if ((o->given & GIVEN_SETTLE) == 0)
		o->settle = (unsigned)c->values[CONF_SETTLE];
	o->keep_days = (unsigned)c->values[CONF_KEEP_DAYS];
	o->keep_gigabytes = (unsigned)c->values[CONF_KEEP_SIZE];
	o->users_restore = c->values[CONF_USERS_RESTORE] != 0;
	if ((o->given & GIVEN_WATCH) == 0)
		complete_watches(o, c);
}

struct settings
options_settings(const struct options *o)
{
	struct settings set = { .policies = { o->policy },
		.policy_count = o->policy_count + 1,
		.observe = o->observe,
		.crash_open = o->crash_open,
		.deadline = o->deadline,
		.stall = o->stall,
		.keep = o->keep,
		.keep_days = o->keep_days,
		.keep_gigabytes = o->keep_gigabytes,
		.users_restore = o->users_restore };

	memcpy(&set.policies[1], o->watch_policies, sizeof(o->watch_policies));
	return set;
}
