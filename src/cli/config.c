/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config: read the guard's configuration as the guard would, show what holds,
 * and find the directories of this machine that are worth a watch.
 */
#include "config.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "cli/cli.h"
#include "conf/conf.h"

#define CONFIG_DEFAULT CKPT_SYSCONFDIR "/ckptguard.conf"

/* A directory in which a program keeps the models that it downloads. */
struct place {
	const char *program;
	const char *pattern;
};

/* Source: the programs' own documentation of their default directories. */
static const struct place places[] = {
	{ "Hugging Face", "/home/*/.cache/huggingface" },
	{ "Hugging Face", "/root/.cache/huggingface" },
	{ "torch.hub", "/home/*/.cache/torch" },
	{ "torch.hub", "/root/.cache/torch" },
	{ "Ollama", "/usr/share/ollama/.ollama/models" },
	{ "Ollama", "/home/*/.ollama/models" },
	{ "LM Studio", "/home/*/.lmstudio/models" },
	{ "LM Studio", "/home/*/.cache/lm-studio/models" },
	{ "ComfyUI", "/home/*/ComfyUI/models" },
	{ "ComfyUI", "/opt/ComfyUI/models" },
	{ "Automatic1111", "/home/*/stable-diffusion-webui/models" },
	{ "Automatic1111", "/opt/stable-diffusion-webui/models" },
	{ "downloads", "/home/*/Downloads" },
};

enum { PLACE_COUNT = sizeof(places) / sizeof(places[0]) };

/* How many directories a pattern finds below root. */
static size_t
place_found(const char *root, const struct place *p)
{
	char path[CONF_PATH_MAX];
	size_t n = 0;
	glob_t found;

	if (snprintf(path, sizeof(path), "%s%s", root, p->pattern) >=
		(int)sizeof(path) ||
	    glob(path, GLOB_ONLYDIR, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct stat st;

		if (lstat(found.gl_pathv[i], &st) == 0 && S_ISDIR(st.st_mode))
			n++;
	}
	globfree(&found);
	return n;
}

static int
config_suggest(const char *root)
{
	size_t count = 0;

	for (size_t i = 0; i < PLACE_COUNT; i++) {
		size_t n = place_found(root, &places[i]);

		if (n == 0)
			continue;
		(void)printf("# %s: %zu director%s\nwatch \"%s\" {}\n",
		    places[i].program, n, n == 1 ? "y" : "ies",
		    places[i].pattern);
		count++;
	}
	if (count != 0)
		return EXIT_CLEAN;
	cli_complain("none of the directories that are known is here: watch "
		     "those in which models are kept");
	return EXIT_FOUND;
}

static int
config_read(const char *path, bool show)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	AUTO(buf) struct buf out = buf_new(2 * CONF_FILE_MAX);
	struct conf c;
	enum err e = conf_load(path, false, &c, &why);

	if (e != ERR_OK) {
		if (why.size == 0)
			cli_complain("%s: %s", path, err_text(e));
		else
			(void)fputs(buf_text(&why), stderr);
		return e == ERR_USAGE ? EXIT_FOUND : EXIT_TROUBLE;
	}
	if (show && conf_show(&c, &out) == ERR_OK)
		(void)fputs(buf_text(&out), stdout);
	else if (!show)
		(void)printf("%s: right, %zu watch%s\n", path, c.watch_count,
		    c.watch_count == 1 ? "" : "es");
	conf_free(&c);
	return EXIT_CLEAN;
}

static int
config(int argc, char **argv)
{
	const char *action = argc < 2 ? "" : argv[1];
	const char *path = argc < 3 ? CONFIG_DEFAULT : argv[2];

	if (argc > 2 && argv[2][0] == '-')
		return cli_usage(&command_config,
		    "config %s: there is no option %s", action, argv[2]);
	if (argc > 3)
		return cli_usage(
		    &command_config, "config: what is %s?", argv[3]);
	if (strcmp(action, "check") == 0)
		return config_read(path, false);
	if (strcmp(action, "show") == 0)
		return config_read(path, true);
	if (strcmp(action, "suggest") == 0)
		return config_suggest(argc < 3 ? "" : argv[2]);
	return cli_usage(&command_config,
	    "config: say check, show or suggest%s%s",
	    action[0] == '\0' ? "" : ", not ", action);
}

const struct command command_config = {
	.name = "config",
	.summary = "check or show the guard's configuration, or suggest one",
	.usage =
	    "ckptguard config check [FILE]\n"
	    "ckptguard config show [FILE]\n"
	    "ckptguard config suggest [ROOT]\n"
	    "\n"
	    "check    reads it as the guard does, and names each mistake "
	    "with its line\n"
	    "show     prints every option as it holds\n"
	    "suggest  prints watches for the directories in which programs "
	    "keep their\n"
	    "         models, of those that are here (or below ROOT)\n"
	    "\n"
	    "Without FILE: ckptguard.conf, where the guard reads it.\n"
	    "\n"
	    "Exit status: 0 all is well, 1 something is wrong in it, or "
	    "nothing is\n"
	    "to be suggested, 2 it could not be read, or the command line "
	    "is wrong.\n",
	.run = config,
};
