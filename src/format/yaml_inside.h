/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_inside: what the two files of the scanner of YAML share. */
#ifndef FORMAT_YAML_INSIDE_H
#define FORMAT_YAML_INSIDE_H

#include "format/yaml_scan.h"

/* Go to the next character. */
void yaml_step(struct yaml_scan *y);

/* Does it end a word: a blank, a line's end, the end? */
bool yaml_is_blank(int c);
bool yaml_is_flow_sign(int c);

/* The value of a hexadecimal digit, or -1. */
int yaml_hex(int c);

void yaml_text_put(struct yaml_text *t, int c);
void yaml_text_clear(struct yaml_text *t);

/* Read the scalar that begins at the present character into y->text. */
void yaml_read_quoted(struct yaml_scan *y);
void yaml_read_plain(struct yaml_scan *y);
void yaml_read_block(struct yaml_scan *y);

#endif /* FORMAT_YAML_INSIDE_H */
