/* SPDX-License-Identifier: Apache-2.0 */
/* watch_options: the command line of watch. */
#include "config.h"

#include <getopt.h>

#include "cli/watch.h"

enum long_option {
	OPT_FORMAT = OPT_OWN,
	OPT_LIST,
	OPT_QUARANTINE,
	OPT_QUARANTINED,
	OPT_RESTORE,
	OPT_ONCE,
	OPT_NEW
};

static const struct option long_options[] = {
	{ "jobs", required_argument, NULL, 'j' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "deep", no_argument, NULL, OPT_DEEP },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "quarantine", required_argument, NULL, OPT_QUARANTINE },
	{ "quarantined", no_argument, NULL, OPT_QUARANTINED },
	{ "restore", required_argument, NULL, OPT_RESTORE },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "new", no_argument, NULL, OPT_NEW },
	{ NULL, 0, NULL, 0 },
};

/* One option. Returns an exit status, or -1: go on. */
static int
parse_option(struct watch_options *o, int option, char **argv)
{
	switch (option) {
	case OPT_QUARANTINE:
		o->aside = optarg;
		return -1;
	case OPT_QUARANTINED:
		o->list = true;
		return -1;
	case OPT_RESTORE:
		o->restore = optarg;
		return -1;
	case OPT_ONCE:
		o->once = true;
		return -1;
	case OPT_NEW:
		o->fresh = true;
		return -1;
	case 'j':
	case OPT_DEEP:
	case OPT_EXCLUDE:
	case OPT_COLOR:
	case OPT_PROFILE:
	case OPT_FAIL_ON:
		return scan_option(&o->scan, &command_watch, option);
	case OPT_FORMAT:
		o->scan.writer = out_writer(optarg);
		return o->scan.writer == &out_text ||
			o->scan.writer == &out_jsonl
		    ? -1
		    : scan_wrong(&command_watch, "--format is text or jsonl");
	case OPT_LIST:
		return scan_list_parse(optarg, &o->scan.list)
		    ? -1
		    : scan_wrong(
			  &command_watch, "--list is all, models or found");
	default:
		return cli_bad_option(&command_watch, argv);
	}
}

int
watch_options(int argc, char **argv, struct watch_options *o)
{
	int option, status = -1;

	*o = (struct watch_options){
		.scan = { .jobs = 1, .writer = &out_text, .list = LIST_MODELS }
	};
	while (status == -1 &&
	    (option = getopt_long(argc, argv, "j:", long_options, NULL)) != -1)
		status = parse_option(o, option, argv);
	if (status != -1)
		return status;
	if ((o->list || o->restore != NULL) && o->aside == NULL)
		return cli_usage(&command_watch,
		    "watch: --quarantine=DIR says where they are");
	if (o->list || o->restore != NULL)
		return optind == argc
		    ? -1
		    : cli_usage(&command_watch,
			  "watch: no directory is watched with --quarantined"
			  " or --restore");
	if (o->once && o->fresh)
		return cli_usage(&command_watch,
		    "watch: --once looks at what is there, --new does not");
	return optind < argc
	    ? -1
	    : cli_usage(&command_watch, "watch: no directory is named");
}

const char watch_usage[] =
    "ckptguard watch [-j N] [--quarantine=DIR] [--once] [--new]\n"
    "    [--profile=NAME] [--fail-on=VERDICT] [--format=text|jsonl] [--deep]\n"
    "    [--exclude=GLOB]... [--list=WHICH] [--color=WHEN] DIR...\n"
    "ckptguard watch --quarantine=DIR --quarantined | --restore=ID\n"
    "\n"
    "Scans what is in the directories and below them, then each file that is\n"
    "written, moved or linked there, and tells of it. Needs no rights: for\n"
    "notebooks and containers. It cannot deny an open, as ckptguardd does.\n"
    "\n"
    "  -j, --jobs=N         scan N files at once (default: 1)\n"
    "  --color=WHEN         auto (on a terminal), always or never\n"
    "  --deep               look at everything, tensor data included\n"
    "  --exclude=GLOB       leave out such names, or such paths if GLOB has a\n"
    "                       slash\n"
    "  --fail-on=VERDICT    what counts as found (default: suspicious)\n"
    "  --format=FORM        text or jsonl\n"
    "  --list=WHICH         files that are named: all, models (the default)\n"
    "                       or found\n"
    "  --new                only what comes from now on\n"
    "  --once               only what is there now; then end\n"
    "  --profile=NAME       count as found what the guard would deny:\n"
    "                       balanced or strict\n"
    "  --quarantine=DIR     move what is found into DIR\n"
    "  --quarantined        list what is in DIR\n"
    "  --restore=ID         put one of them back where it was\n"
    "\n"
    "Exit status: 0 nothing was found, 1 something was, 2 trouble.\n";
