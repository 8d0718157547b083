/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keras: judge what a serialized Keras object names and carries.
 *
 * Reference: keras/src/saving/serialization_lib.py: an object is {"module",
 * "class_name", "config", "registered_name"}; a function has class_name
 * "function" and its name as config.  Before 3.9 any module was imported
 * (CVE-2025-1550); later only Keras' own packages are, whose functions are
 * gadgets too (CVE-2025-8747, -9906, -49655).  legacy/saving/serialization.py:
 * {"class_name", "config"} alone.  Lambda: layers/core/lambda_layer.py and
 * utils/python_utils.py, func_dump and func_load: code is marshalled and
 * base64, or, long ago, as latin-1.
 */
#ifndef FORMAT_KERAS_H
#define FORMAT_KERAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/format.h"

enum {
	KERAS_NAME_MAX = 128, /* bytes kept of a name */
};

struct keras_name {
	size_t size;
	char text[KERAS_NAME_MAX]; /* cut, no NUL */
};

/* One serialized object; a name that is absent has size 0. */
struct keras_object {
	uint64_t at;
	struct keras_name module, class_name, registered, config;
	bool codes; /* code stood somewhere within it */
};

/* Is the last component, behind dots and ">", this class? */
bool keras_class_is(const struct keras_name *name, const char *class_name);

/* Judge what an object names. */
void keras_object_judge(struct visit *v, const struct keras_object *o);

/*
 * Is this string marshalled Python code, and what does it do?  surely: it
 * stands where only code stands, so that it is suspicious when it is none.
 * true when it was code, or surely.
 */
bool keras_code_judge(
    struct visit *v, const char *s, size_t n, uint64_t at, bool surely);

/* A file that a layer reads its words from. */
void keras_path_judge(struct visit *v, const char *s, size_t n, uint64_t at);

#endif /* FORMAT_KERAS_H */
