/* SPDX-License-Identifier: Apache-2.0 */
/* notify: start the desktop's agent, which alone is linked with libnotify. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "pool/pool.h"

static int
notify(int argc, char **argv)
{
	static char name[] = "ckptguard-notify";
	char path[PATH_MAX];
	struct paths paths;
	char *slash;

	(void)argc;
	if (paths_find(&paths) != ERR_OK ||
	    (slash = strrchr(paths.worker, '/')) == NULL) {
		cli_complain("cannot tell where this program is installed");
		return EXIT_TROUBLE;
	}
	*slash = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", paths.worker, name) >=
	    (int)sizeof(path)) {
		cli_complain("notify: the path is too long");
		return EXIT_TROUBLE;
	}
	argv[0] = name;
	(void)execv(path, argv);
	cli_complain(errno == ENOENT
		? "notify: %s is not there: ckptguard was built without"
		  " libnotify, or its package for desktops is not installed"
		: "notify: %s can't be started",
	    path);
	return EXIT_TROUBLE;
}

const struct command command_notify = {
	.name = "notify",
	.summary = "show on the desktop what the guard denied",
	.usage =
	    "ckptguard notify [--all] [--print] [--socket=PATH]\n"
	    "\n"
	    "Shows what the guard denied, found or put into quarantine for "
	    "this\n"
	    "user, with buttons for what it is and, where the guard allows "
	    "it,\n"
	    "to restore it. One runs for each session; desktops start it.\n"
	    "\n"
	    "  --all                also what happened to others (the guard\n"
	    "                       tells that only to administrators)\n"
	    "  --print              print it instead\n"
	    "  --socket=PATH        where the guard listens\n"
	    "\n"
	    "Exit status: 0 it was ended, 2 there is no desktop, or another "
	    "one\n"
	    "shows it already.\n",
	.run = notify,
};
