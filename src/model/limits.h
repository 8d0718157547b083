/* SPDX-License-Identifier: Apache-2.0 */
/* limits: every ceiling of the project that is not local to one function,
 * each with its reason. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stdint.h>

/* A report must fit into one bounded message and into a person's patience;
 * the verdict counts findings beyond it all the same. */
#define LIMIT_FINDINGS 256u
/* The richest honest file seen names some hundreds of globals. */
#define LIMIT_IMPORTS 8192u
/* Members listed in the report's tree; more are walked, not listed. */
#define LIMIT_TREE 1024u
/* Steps shown by "explain", a fifth of them harmless ones: nobody reads more,
 * and the harmful ones keep their places. */
#define LIMIT_LINES 1000u
/* Bytes of one step. */
#define LIMIT_LINE 2048u
/* Memory of one report. */
#define LIMIT_REPORT_BYTES (8u * 1024 * 1024)
/* A module or attribute name: Python has no limit, people have. */
#define LIMIT_NAME 1024u
/* Bytes of evidence shown with a finding. */
#define LIMIT_EVIDENCE 256u
/* The path inside nested containers. */
#define LIMIT_WHERE 1024u

/* One file's budget, as a person's scan and as an open waiting for its answer
 * (the gate's deadline is the other limit there). */
#define LIMIT_SCAN_BYTES (UINT64_C(64) << 30)
#define LIMIT_OPEN_BYTES (UINT64_C(64) << 30)
#define LIMIT_MEMBERS UINT64_C(200000)
#define LIMIT_OPCODES (UINT64_C(4) << 30)
#define LIMIT_DEPTH 16u
/* A worker has 64 MB; the rules and libraries take a part of it. */
#define LIMIT_MEMORY (UINT64_C(32) << 20)
#define LIMIT_SCAN_SECONDS 60u

#endif /* MODEL_LIMITS_H */
