/* SPDX-License-Identifier: Apache-2.0 */
/* scan: what lives as long as the file. */
#include "pickle/scan.h"

#include <stdlib.h>

#include "pickle/torch_legacy.h"

enum { DTYPES_FIRST = 16 };

enum err
scan_open(struct scan *s, struct visit *visit, const struct source *source)
{
	*s = (struct scan){ .visit = visit,
		.source = source,
		.kept = texts_new(visit->budget),
		.recent = texts_new(visit->budget),
		.module = buf_new(LIMIT_NAME),
		.name = buf_new(LIMIT_NAME),
		.past_end = SCAN_NOWHERE };
	return names_open(s);
}

void
scan_free(struct scan *s)
{
	if (s == NULL || s->visit == NULL)
		return;
	names_free(s);
	texts_free(&s->kept);
	texts_free(&s->recent);
	buf_free(&s->module);
	buf_free(&s->name);
	budget_give(s->visit->budget, s->dtype_room * sizeof(*s->dtypes));
	free(s->dtypes);
	storages_free(&s->storages, s->visit->budget);
	*s = (struct scan){ 0 };
}

uint64_t
scan_dtype(struct scan *s, const struct dtype *d)
{
	size_t room = s->dtype_room == 0 ? DTYPES_FIRST : s->dtype_room * 2;
	size_t more = (room - s->dtype_room) * sizeof(*d);
	struct dtype *grown;

	if (s->dtype_count == s->dtype_room) {
		if (room > SCAN_DTYPES ||
		    budget_take(s->visit->budget, BUDGET_MEMORY, more) !=
			ERR_OK)
			return SCAN_DTYPES;
		if ((grown = realloc(s->dtypes, room * sizeof(*d))) == NULL) {
			budget_give(s->visit->budget, more);
			return SCAN_DTYPES;
		}
		s->dtypes = grown;
		s->dtype_room = room;
	}
	s->dtypes[s->dtype_count] = *d;
	return s->dtype_count++;
}
