/* SPDX-License-Identifier: Apache-2.0 */
/* unit: what every unit test includes. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

/* cmocka needs these before itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* A literal and its size without the NUL; the literal may hold NULs. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#endif /* TESTS_UNIT_UNIT_H */
