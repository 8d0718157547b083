/* SPDX-License-Identifier: Apache-2.0 */
/* digest: one sum, block by block. */
#include "digest/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

enum { BLOCK = 128 * 1024 }; /* bytes read at once */

static const EVP_MD *sha256;

enum err
digest_ready(void)
{
	EVP_MD_CTX *c;
	int ok;

	if (sha256 != NULL)
		return ERR_OK;
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
	sha256 = EVP_sha256();
#endif
	c = EVP_MD_CTX_new();
	/* The first use is what loads the rest. */
	ok = sha256 != NULL && c != NULL &&
	    EVP_DigestInit_ex(c, sha256, NULL) == 1;
	EVP_MD_CTX_free(c);
	return ok ? ERR_OK : ERR_UNSUPPORTED;
}

enum err
digest_begin(uint64_t size, struct digest_sum *out)
{
	AUTO(digest_sum) struct digest_sum s = { .size = size };
	enum err e = digest_ready();

	if (e != ERR_OK)
		return e;
	if (size > INT64_MAX)
		return ERR_LIMIT;
	s.context = EVP_MD_CTX_new();
	s.block = malloc(BLOCK);
	if (s.context == NULL || s.block == NULL)
		return ERR_NOMEM;
	if (EVP_DigestInit_ex(s.context, sha256, NULL) != 1)
		return ERR_UNSUPPORTED;
	*out = s;
	s = (struct digest_sum){ 0 };
	return ERR_OK;
}

void
digest_sum_free(struct digest_sum *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->context);
	free(s->block);
	*s = (struct digest_sum){ 0 };
}

/* The last of it.  What lies behind the end is read by loaders, too. */
static enum err
sum_end(struct digest_sum *s, int fd, struct digest *out)
{
	struct digest d;

	if (pread(fd, s->block, 1, (off_t)s->size) != 0)
		return ERR_LIMIT;
	if (EVP_DigestFinal_ex(s->context, d.bytes, NULL) != 1)
		return ERR_UNSUPPORTED;
	*out = d;
	return ERR_OK;
}

enum err
digest_step(struct digest_sum *s, int fd, uint64_t bytes, bool *done,
    struct digest *out)
{
	uint64_t stop = s->size - s->at < bytes ? s->size : s->at + bytes;

	while (s->at < stop) {
		size_t want =
		    s->size - s->at < BLOCK ? (size_t)(s->size - s->at) : BLOCK;
		ssize_t n = pread(fd, s->block, want, (off_t)s->at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return ERR_SYS;
		if (n == 0)
			return ERR_SHORT;
		if (EVP_DigestUpdate(s->context, s->block, (size_t)n) != 1)
			return ERR_UNSUPPORTED;
		s->at += (uint64_t)n;
	}
	*done = s->at == s->size;
	return *done ? sum_end(s, fd, out) : ERR_OK;
}

enum err
digest_fd(int fd, uint64_t size, struct digest *out)
{
	AUTO(digest_sum) struct digest_sum s = { 0 };
	enum err e = digest_begin(size, &s);
	bool done = false;

	while (e == ERR_OK && !done)
		e = digest_step(&s, fd, size == 0 ? 1 : size, &done, out);
	return e;
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

void
digest_hex(const struct digest *d, char out[DIGEST_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		out[2 * i] = digits[d->bytes[i] >> 4];
		out[2 * i + 1] = digits[d->bytes[i] & 15];
	}
	out[DIGEST_HEX] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
digest_parse(const char *hex, size_t n, struct digest *out)
{
	struct digest d;

	if (n != DIGEST_HEX)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		d.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = d;
	return true;
}
