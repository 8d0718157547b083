/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: what an object does with the state that it is given.
 *
 * BUILD runs a class's __setstate__.  Of a few classes that honest models are
 * full of it runs a text that it finds in the state: their class is innocent,
 * their state need not be.  A table says which texts those are, and what an
 * honest one looks like.
 *
 * Source: scipy 1.6 to 1.15 stats/_distn_infrastructure.py (rv_generic);
 *	statsmodels 0.9 to 0.14 base/data.py (ModelData)
 */
#ifndef PICKLE_STATE_H
#define PICKLE_STATE_H

#include "pickle/value.h"

struct machine;

/* The class (KIND_GLOBAL) that target was made of: by calling it, or by a
 * function that makes objects of what it is given.  KIND_NOTHING: something
 * else, or forgotten. */
value state_class(struct machine *m, value target);

/* The value of a key in a state, or KIND_NOTHING.  The last one counts. */
value state_get(const struct machine *m, value state, const char *name);

/* Judge and report what target does with its state. */
void state_judge(struct machine *m, value target, value state);

#endif /* PICKLE_STATE_H */
