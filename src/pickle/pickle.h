/* SPDX-License-Identifier: Apache-2.0 */
/* pickle: the walker of pickle files, joblib's and torch's old ones too. */
#ifndef PICKLE_PICKLE_H
#define PICKLE_PICKLE_H

#include "model/format.h"

extern const struct format format_pickle;

#endif /* PICKLE_PICKLE_H */
