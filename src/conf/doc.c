/* SPDX-License-Identifier: Apache-2.0 */
/* doc: print what is generated from the table of options: "sample", "manual".
 * The manual comes between the two halves of man/ckptguard.conf.5.in. */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

enum { DOC_MAX = 256 * 1024 };

int
main(int argc, char **argv)
{
	struct buf out = buf_new(DOC_MAX);
	enum err e = argc == 2 && strcmp(argv[1], "manual") == 0
	    ? conf_manual(&out)
	    : conf_sample(&out);

	if (e == ERR_OK)
		(void)fputs(buf_text(&out), stdout);
	buf_free(&out);
	return e == ERR_OK ? 0 : 1;
}
