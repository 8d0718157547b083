/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_word: the words of templates that matter, as tables. */
#ifndef FORMAT_JINJA_WORD_H
#define FORMAT_JINJA_WORD_H

#include <stddef.h>

#include "model/verdict.h"

/* What a word says where it stands: CLEAN, SUSPICIOUS or MALICIOUS, and why
 * (static storage, untouched when clean). */

/* an attribute: x.word, x["word"], x|attr("word") */
enum verdict jinja_word_attribute(const char *s, size_t n, const char **why);

/* an attribute by "." alone, which a key of a dict is not */
enum verdict jinja_word_dotted(const char *s, size_t n, const char **why);

/* a method that is called: x.word(...) */
enum verdict jinja_word_method(const char *s, size_t n, const char **why);

/* a name that the template did not set; next is the character behind it */
enum verdict jinja_word_name(
    const char *s, size_t n, char next, const char **why);

/* a constant string, put together or as written */
enum verdict jinja_word_constant(const char *s, size_t n, const char **why);

/* a statement: {% word ... %} */
enum verdict jinja_word_statement(const char *s, size_t n, const char **why);

#endif /* FORMAT_JINJA_WORD_H */
