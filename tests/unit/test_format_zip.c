/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container_fakes.h"
#include "format/formats.h"

static const struct row rows[] = {
#include "zip_rows.def"
};

static char *samples;

static void
test_each_sample_is_judged_as_its_row_says(void **state)
{
	(void)state;
	if (samples == NULL)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		row_check(&format_zip, samples, &rows[i]);
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
