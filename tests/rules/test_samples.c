/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that are shipped, over the samples of samples.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

enum { RULES_MAX = 256, SAMPLE_MAX = 64 * 1024, FIELDS = 7 };

#define SAMPLES "tests/rules/samples.bin"

/* Which rules had a sample of each kind. */
static struct {
	const char *id;
	unsigned yes, no;
} seen[RULES_MAX];
static size_t seen_count;

struct sample {
	char line[1024], bytes[SAMPLE_MAX];
	const char *rule, *want, *format, *member, *active, *imports;
	size_t size;
};

static void
see(void *context, const struct rules_row *row)
{
	(void)context;
	assert_true(seen_count < RULES_MAX);
	seen[seen_count++].id = row->id + strlen("yara.");
	/* whoever is denied a file must be told why, and by what name */
	assert_true(strncmp(row->message, "matches the rule", 16) != 0);
	assert_string_not_equal(row->reference, "");
}

static void
problem(void *context, const char *file, unsigned line, const char *text)
{
	(void)context;
	print_message("%s:%u: %s\n", file, line, text);
}

static bool
sample_read(FILE *in, struct sample *s)
{
	const char **fields[FIELDS - 1] = { &s->rule, &s->want, &s->format,
		&s->member, &s->active, &s->imports };
	char *at = s->line;

	if (fgets(s->line, sizeof(s->line), in) == NULL)
		return false;
	for (size_t i = 0; i < FIELDS - 1; i++) {
		*fields[i] = at;
		at = strchr(at, '\t');
		assert_non_null(at);
		*at++ = '\0';
	}
	s->size = strtoul(at, NULL, 10);
	assert_true(s->size < SAMPLE_MAX);
	assert_int_equal(fread(s->bytes, 1, s->size, in), s->size);
	assert_int_equal(getc(in), '\n');
	/* one import a line, each with its newline */
	for (char *c = s->line; c < at; c++)
		if (c >= s->imports && *c == ';')
			*c = '\n';
	return true;
}

static bool
sample_matches(const struct rules *r, const struct sample *s)
{
	char imports[1024];
	struct rules_facts facts = { .format = s->format,
		.member = s->member,
		.imports = imports,
		.active = s->active[0] == '1' };
	struct rules_block block = {
		.data = s->bytes, .size = s->size, .where = ""
	};
	struct report report;
	bool found = false;

	(void)snprintf(imports, sizeof(imports), "%s%s", s->imports,
	    s->imports[0] == '\0' ? "" : "\n");
	report_init(&report);
	assert_int_equal(rules_scan(r, &facts, &block, &report), ERR_OK);
	for (size_t i = 0; i < report.finding_count; i++)
		found = found ||
		    strcmp(report.findings[i].rule + strlen("yara."),
			s->rule) == 0;
	report_free(&report);
	return found;
}

static void
sample_count(const struct sample *s, bool yes)
{
	for (size_t i = 0; i < seen_count; i++) {
		if (strcmp(seen[i].id, s->rule) != 0)
			continue;
		seen[i].yes += yes;
		seen[i].no += !yes;
		return;
	}
	fail_msg("no rule %s", s->rule);
}

static void
each_rule_matches_its_samples_and_spares_the_others(void **state)
{
	const char *srcdir = getenv("srcdir");
	char dir[4096];
	const char *dirs[] = { dir, NULL };
	static struct sample s;
	struct rules *r = NULL;
	unsigned wrong = 0;
	FILE *in = fopen(SAMPLES, "re");

	(void)state;
	(void)snprintf(
	    dir, sizeof(dir), "%s/rules", srcdir == NULL ? "." : srcdir);
	assert_non_null(in);
	assert_int_equal(rules_load(dirs, problem, NULL, &r), ERR_OK);
	rules_each(r, see, NULL);
	assert_true(seen_count > 0);
	while (sample_read(in, &s)) {
		bool yes = strcmp(s.want, "yes") == 0;

		sample_count(&s, yes);
		if (sample_matches(r, &s) == yes)
			continue;
		print_message("%s: %s: %s%.*s\n", s.rule,
		    yes ? "missed" : "matched", s.imports, (int)s.size,
		    s.bytes);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].yes == 0 || seen[i].no == 0)
			fail_msg("%s wants samples of both kinds", seen[i].id);
	(void)fclose(in);
	rules_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_rule_matches_its_samples_and_spares_the_others),
	};

	return cmocka_run_group_tests_name("rules/samples", tests, NULL, NULL);
}
