/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beside: modules that are shadowed by code in the folder of a model.
 *
 * Python looks for modules in the folder of the program first, and programs of
 * a downloaded model lie in its folder: a torch.py there is what the innocent
 * pickle beside it imports.  Only names of modules that the policy vouches for
 * count: a project's own code beside its model is what its pickle means.
 *
 * Where Python's own libraries are, each module lies beside data of others.
 * The names come from a report that may be forged: letters only, and nothing
 * is done with them but to ask whether such a file exists.
 */
#include "cli/beside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum {
	NAME_MAX_SHOWN = 64, /* letters of a module's first component */
	MODULES_MAX = 256,   /* different ones that are looked for */
	ENTRY_SIZE = NAME_MAX_SHOWN + 16,
};

struct modules {
	char names[MODULES_MAX][NAME_MAX_SHOWN + 1];
	size_t count;
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/* The first component, if it can be a module's and is a new one. */
static const char *
module_add(struct modules *m, const char *name)
{
	char *to = m->names[m->count];
	size_t n = 0;

	while (n < NAME_MAX_SHOWN && is_letter(name[n]))
		n++;
	if (n == 0 || m->count + 1 == MODULES_MAX ||
	    (name[n] != '\0' && name[n] != '.'))
		return NULL;
	memcpy(to, name, n);
	to[n] = '\0';
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->names[i], to) == 0)
			return NULL;
	m->count++;
	return to;
}

static bool
is_there(int dir, const char *module, const char *end)
{
	char entry[ENTRY_SIZE];
	struct stat st;

	(void)snprintf(entry, sizeof(entry), "%s%s", module, end);
	return fstatat(dir, entry, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* Is it ".../lib/python3.11", or in it? */
static bool
is_library(const char *path)
{
	const char *at = strstr(path, "/python");

	while (at != NULL) {
		at += strlen("/python");
		if (*at >= '0' && *at <= '9')
			return true;
		at = strstr(at, "/python");
	}
	return strstr(path, "/dist-packages/") != NULL;
}

static int
folder_open(const char *path)
{
	AUTO_FREE char *full = realpath(path, NULL);
	char *end;

	if (full == NULL || is_library(full))
		return -1;
	end = strrchr(full, '/');
	end[end == full ? 1 : 0] = '\0';
	return open(full, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void
beside_look(const char *path, struct report *r)
{
	static const char *const ends[] = { ".py", ".pyc", "/__init__.py",
		".so" };
	AUTO_FREE struct modules *m = NULL;
	AUTO_CLOSE int dir = -1;

	if (r->import_count == 0 || (dir = folder_open(path)) == -1 ||
	    (m = calloc(1, sizeof(*m))) == NULL)
		return;
	for (size_t i = 0; i < r->import_count; i++) {
		const struct import *import = &r->imports[i];
		const char *module = import->verdict == VERDICT_CLEAN
		    ? module_add(m, import->module)
		    : NULL;

		for (size_t k = 0;
		     module != NULL && k < sizeof(ends) / sizeof(ends[0]); k++)
			if (is_there(dir, module, ends[k]))
				report_find(r, RULE_FILE_SHADOW, import->where,
				    import->offset, "%s%s", module, ends[k]);
	}
}
