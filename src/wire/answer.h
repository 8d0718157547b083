/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer: the layout of an ANSWER, for the two files that write and read it.
 *
 *	u32 magic, u32 length of the whole frame
 *	summary:
 *		u64 id, u8 verdict, u8 in place,
 *		u64 size, u64 bytes read, u64 elapsed us,
 *		string format, rule, message, where
 *	report:
 *		u8 cut, string format, u8 has an error, string error
 *		u32 count, findings:
 *			u8 severity, u8 verdict, u64 offset, u32 count,
 *			string rule, message, evidence, where
 *		u32 count, imports:
 *			u8 use, u8 verdict, u64 offset,
 *			string module, name, reason, where
 *		u32 count, members:
 *			u64 offset, u64 size, string format, where
 *		u32 count, lines:
 *			u8 verdict, u64 offset, u64 skipped,
 *			string text, why, where
 *		u64 lines skipped at the end
 *
 * string is u32 length, bytes, NUL; where in the lists is u8 0 (the same
 * as the entry before, "" for the first) or u8 1 and a string.
 */
#ifndef WIRE_ANSWER_H
#define WIRE_ANSWER_H

#include "wire/put.h"

enum {
	ANSWER_MAGIC = 0x32414b43, /* "CKA2" */
	ANSWER_HEAD = 4 + 4,
	ANSWER_SUMMARY = 8 + 1 + 1 + 3 * 8 + 4 * (int)PUT_STRING,
	ANSWER_REPORT = 1 + 1 + 2 * (int)PUT_STRING + 8 + 4 * 4,
	ANSWER_MIN = ANSWER_HEAD + ANSWER_SUMMARY + ANSWER_REPORT,
	/* The least bytes of one entry: a count that claims more entries than
	 * the rest of the frame can hold is a lie. */
	ANSWER_FINDING = 1 + 1 + 8 + 4 + 3 * (int)PUT_STRING + 1,
	ANSWER_IMPORT = 1 + 1 + 8 + 3 * (int)PUT_STRING + 1,
	ANSWER_MEMBER = 8 + 8 + (int)PUT_STRING + 1,
	ANSWER_LINE = 1 + 8 + 8 + 2 * (int)PUT_STRING + 1,
};

#endif /* WIRE_ANSWER_H */
