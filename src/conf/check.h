/* SPDX-License-Identifier: Apache-2.0 */
/* check: is a text a value of an option?  Nobody outside conf asks. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/conf.h"

/* The value of a text; false: it is none, *out is as it was. */
bool conf_check_value(
    const struct conf_option *o, const char *text, uint64_t *out);

/* What would be one: "a whole number of seconds from 1 to 600". */
void conf_check_want(const struct conf_option *o, char *out, size_t n);

#endif /* CONF_CHECK_H */
