/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/formats.h"
#include "zip_fakes.h"

enum { SAMPLE_MAX = 64 * 1024 };

struct row {
	const char *sample;
	bool deep;
	const char *name;
	bool in_place;
	const char *rules; /* of all findings, sorted */
	size_t payloads;   /* children that hold one */
	enum err err;
};

#define OPEN false
#define DEEP true

static const struct row rows[] = {
#include "zip_rows.def"
};

static char *samples;

static void
check_row(const struct row *r)
{
	static uint8_t bytes[SAMPLE_MAX];
	size_t size = sample_read(samples, r->sample, bytes, sizeof(bytes));
	struct fake f;
	struct source s;
	enum err e;

	fake_init(&f, r->deep);
	s = source_memory(bytes, size, &f.budget);
	e = format_zip.walk(&f.visit, &s);
	print_message("%-26s %s %s %d \"%s\" %zu %s\n", r->sample,
	    r->deep ? "DEEP" : "OPEN",
	    f.visit.name == NULL ? "-" : f.visit.name, f.visit.in_place,
	    fake_rules(&f), f.payloads, err_name(e));
	if (f.visit.name == NULL)
		assert_null(r->name);
	else
		assert_string_equal(f.visit.name, r->name);
	assert_int_equal(f.visit.in_place, r->in_place);
	assert_string_equal(fake_rules(&f), r->rules);
	assert_int_equal(f.payloads, r->payloads);
	assert_int_equal(e, r->err);
	assert_int_equal(f.budget.memory, f.start.memory);
	fake_free(&f);
}

static void
test_each_sample_is_judged_as_its_row_says(void **state)
{
	(void)state;
	if (samples == NULL)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

static int
make_samples(void **state)
{
	(void)state;
	samples = samples_make("gen_zip.py");
	return 0;
}

static int
remove_samples(void **state)
{
	(void)state;
	if (samples != NULL)
		samples_remove(samples);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_sample_is_judged_as_its_row_says),
	};

	return cmocka_run_group_tests_name(
	    "format/zip", tests, make_samples, remove_samples);
}
