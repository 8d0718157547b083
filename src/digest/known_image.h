/* SPDX-License-Identifier: Apache-2.0 */
/* known_image: the layout, for the two files that write and read it. */
#ifndef DIGEST_KNOWN_IMAGE_H
#define DIGEST_KNOWN_IMAGE_H

#include <stdint.h>

#include "digest/digest.h"

enum { IMAGE_MAGIC = 0x314e4b43 /* "CKN1" */ };

struct image_head {
	uint32_t magic, count, names, unused;
};

struct image_row {
	uint8_t digest[DIGEST_SIZE];
	uint32_t kind; /* enum known_kind */
	uint32_t name;
};

enum { IMAGE_HEAD = sizeof(struct image_head) };

#endif /* DIGEST_KNOWN_IMAGE_H */
