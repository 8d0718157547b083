/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycode: judge a Python code object that travels by value.
 *
 * cloudpickle, dill and Keras Lambda layers carry functions as code.  What the
 * code would do is not run and not decompiled: it is judged by the names it
 * uses, the strings among its constants and the code nested in it.  Harmless
 * words leave it `unknown` (it is still code that runs); words of
 * pycode/words.def make it `suspicious` or `malicious`.
 *
 * Feed it from marshal (pycode_marshal) or from a pickle that gives the parts
 * of types.CodeType as values (pycode_name, pycode_constant).
 */
#ifndef PYCODE_PYCODE_H
#define PYCODE_PYCODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/verdict.h"

enum { PYCODE_EVIDENCE_MAX = 96 }; /* bytes of evidence kept */

struct pycode {
	enum verdict verdict; /* UNKNOWN at first: code always is */
	const char *reason;   /* of the worst word; "" while none. Static. */
	char evidence[PYCODE_EVIDENCE_MAX]; /* the worst word, hostile */
};

/* Nothing seen yet. */
void pycode_begin(struct pycode *p);

/* A name that the code uses (co_names): a global, an attribute, an import. */
void pycode_name(struct pycode *p, const char *s, size_t n);

/* A string or bytes constant (co_consts). */
void pycode_constant(struct pycode *p, const char *s, size_t n);

/*
 * Judge marshalled code (also other marshalled objects: constants alone are
 * judged too).  ERR_OK, or as marshal_walk(): then nobody knows what it does
 * and the verdict is raised to suspicious.
 */
enum err pycode_marshal(struct pycode *p, const void *data, size_t n);

#endif /* PYCODE_PYCODE_H */
