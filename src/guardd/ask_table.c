/* SPDX-License-Identifier: Apache-2.0 */
/* ask_table: the rows of asks.def. */
#include "guardd/recorder_state.h"

#define ASK(name, right, lane, text) \
	{ #name, ASK_##right, LANE_##lane, ask_##name, text },
const struct ask_row ask_rows[] = {
#include "guardd/asks.def"
};
#undef ASK

const size_t ask_row_count = sizeof(ask_rows) / sizeof(ask_rows[0]);
