/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: print what pycode sees in marshalled objects, for comparison with the
 * Python that wrote them.
 *
 * Standard input: records of a u32le length and that many bytes.  Output for
 * each: "object ERR VERDICT USED", then "name HEX" and "constant HEX" lines.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "pycode/marshal.h"
#include "pycode/pycode.h"

static void
print_hex(const char *what, const char *s, size_t n)
{
	printf("%s ", what);
	for (size_t i = 0; i < n; i++)
		printf("%02x", (unsigned char)s[i]);
	printf("\n");
}

static void
print_name(void *context, const char *s, size_t n)
{
	(void)context;
	print_hex("name", s, n);
}

static void
print_constant(void *context, const char *s, size_t n)
{
	(void)context;
	print_hex("constant", s, n);
}

static void
print_code(void *context, const uint8_t *code, size_t n)
{
	(void)context;
	print_hex("code", (const char *)code, n);
}

int
main(void)
{
	const struct marshal_sink sink = { NULL, print_name, print_constant,
		print_code };
	unsigned char head[4];

	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		size_t n = (size_t)head[0] | (size_t)head[1] << 8 |
		    (size_t)head[2] << 16 | (size_t)head[3] << 24;
		AUTO_FREE unsigned char *data = malloc(n + 1);
		struct pycode p;
		size_t used = 0;
		enum err e;

		if (data == NULL || fread(data, 1, n, stdin) != n)
			return 1;
		pycode_begin(&p);
		(void)pycode_marshal(&p, data, n);
		e = marshal_walk(data, n, &sink, &used);
		printf("object %s %s %zu %s\n", err_name(e),
		    verdict_name(p.verdict), used, p.evidence);
	}
	return 0;
}
