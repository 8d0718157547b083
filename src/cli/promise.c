/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise: extensions of formats that hold no code, and formats that do.
 *
 * Only this way around counts: weights.bin that is safetensors is safer than
 * its name, and .bin, .dat and .model promise nothing at all.
 */
#include "cli/promise.h"

#include <string.h>
#include <strings.h>

/* Extensions of data, of weights without code, of texts and pictures. */
static const char *const safe[] = { "safetensors", "onnx", "onnx_data", "gguf",
	"ggml", "tflite", "json", "txt", "md", "csv", "tsv", "parquet", "arrow",
	"png", "jpg", "jpeg", "gif", "webp", "bmp", "wav", "mp3", "flac", "mp4",
	"pdf", "html" };

/* Formats of which loading may run something. */
static const char *const running[] = { "pickle", "joblib", "joblib-raw",
	"joblib-zfile", "torch-zip", "torch-legacy", "torch-tar",
	"torchscript-zip", "torch-package", "torch-export", "torch7",
	"keras-h5", "keras-zip", "nemo", "skops", "rds", "rdata" };

static bool
is_safe(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *end = strrchr(name == NULL ? path : name, '.');

	if (end == NULL)
		return false;
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		if (strcasecmp(end + 1, safe[i]) == 0)
			return true;
	return false;
}

/* Is one of the names that a "+" joins one of them? */
static bool
is_running(const char *formats)
{
	size_t n;

	for (; *formats != '\0'; formats += n + (formats[n] == '+')) {
		n = strcspn(formats, "+");
		for (size_t i = 0; i < sizeof(running) / sizeof(running[0]);
		     i++)
			if (strlen(running[i]) == n &&
			    memcmp(running[i], formats, n) == 0)
				return true;
	}
	return false;
}

void
promise_look(const char *path, struct report *r)
{
	const char *end = strrchr(path, '.');

	if (r->format != NULL && is_safe(path) && is_running(r->format))
		report_find(r, RULE_FILE_PROMISE, "", 0, "%s, and is %s", end,
		    r->format);
}
