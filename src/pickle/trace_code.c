/* SPDX-License-Identifier: Apache-2.0 */
/* trace_code: code that travels as bytes is shown by its words. */
#include "base/own.h"
#include "pickle/scan.h"
#include "pickle/texts.h"
#include "pickle/trace_inside.h"
#include "pycode/pycode.h"
#include "pycode/show.h"

enum {
	CODE_MIN = 24, /* less than any code object has */
	CODE_MAX = 64 * 1024,
	/* marshal's TYPE_CODE, alone and with FLAG_REF */
	MARSHAL_CODE = 0x63,
	MARSHAL_CODE_REF = 0xe3,
};

bool
trace_code(struct trace *t, value v, uint8_t first, uint64_t size)
{
	AUTO(buf) struct buf code = buf_new(CODE_MAX);
	AUTO(buf) struct buf words = buf_new(LIMIT_LINE);
	uint64_t decoded = t->m->scan->decoded;
	struct pycode judged;
	enum err e;

	if ((first != MARSHAL_CODE && first != MARSHAL_CODE_REF) ||
	    size < CODE_MIN || size > CODE_MAX)
		return false;
	e = text_read(t->m, v, &code);
	t->m->scan->decoded = decoded;
	if (e != ERR_OK)
		return false;
	pycode_begin(&judged);
	if (pycode_marshal(&judged, code.data, code.size) != ERR_OK ||
	    pycode_show(&words, &judged, code.data, code.size) != ERR_OK ||
	    words.size == 0 || words.size > t->extent.bytes)
		return false;
	trace_puts(t, "<code, ");
	trace_puts(t, buf_text(&words));
	trace_puts(t, ">");
	return true;
}
