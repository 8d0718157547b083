/* SPDX-License-Identifier: Apache-2.0 */
/* sealed: told by its front, decoded, and given to the engine. */
#include "format/sealed.h"

#include <string.h>

#include "base/own.h"
#include "byte/textform.h"

enum {
	DECODED_MAX = 8 << 20, /* bytes; what is longer is cut, and says so */
};

enum err
sealed_judge(struct visit *v, const struct child *child, const char *text,
    size_t n, bool *pickle)
{
	AUTO(buf) struct buf bytes = buf_new(DECODED_MAX);
	struct textform_piece piece = { .form = textform_tell(
					    (const uint8_t *)text, n) };
	struct child_result result = { .format = NULL };
	struct source source;
	enum err e;

	if (piece.form == TEXTFORM_NONE)
		return ERR_OK;
	e = textform_undo(&piece, (const uint8_t *)text, n, &bytes);
	if ((e != ERR_OK && e != ERR_LIMIT) || bytes.size == 0)
		return e;
	if ((e = budget_take(v->budget, BUDGET_MEMORY, bytes.room)) != ERR_OK)
		return e;
	source = source_memory(bytes.data, bytes.size, v->budget);
	e = visit_child(v, child, &source, &result);
	budget_give(v->budget, bytes.room);
	if (result.format != NULL && strcmp(result.format->name, "pickle") == 0)
		*pickle = true;
	return e;
}
