/* SPDX-License-Identifier: Apache-2.0 */
/* torch_zip: tables of names and words. */
#include "format/torch_zip.h"

#include <string.h>

#include "base/ckd.h"
#include "format/path.h"
#include "format/zip_priv.h"

enum {
	CODE_MAX = 4 * 1024 * 1024, /* a source file is a page or two */
	CODE_BLOCK = 16 * 1024,
	CODE_OVERLAP = 64 /* longer than any word */
};

/* How a rest of a name is compared. */
enum match { IS, BEGINS, ENDS };

/* By the name behind the first folder. */
static const struct {
	enum match match;
	const char *text;
	uint32_t role;
} rest_roles[] = {
	{ IS, "data.pkl", ZIP_ROLE_DATA },
	{ IS, "constants.pkl", ZIP_ROLE_CONSTANTS },
	{ IS, "bytecode.pkl", ZIP_ROLE_BYTECODE },
	{ BEGINS, "code/", ZIP_ROLE_CODE },
	{ IS, ".data/extern_modules", ZIP_ROLE_EXTERN },
	{ IS, "version", ZIP_ROLE_VERSION },
	{ IS, ".data/version", ZIP_ROLE_VERSION },
	{ IS, "serialized_exported_program.json", ZIP_ROLE_EXPORT },
	{ IS, "archive_format", ZIP_ROLE_EXPORT },
	{ ENDS, ".storage", ZIP_ROLE_STORAGE },
};

/* By the whole name. */
static const struct {
	const char *end;
	uint32_t role;
} end_roles[] = {
	{ ".pkl", ZIP_ROLE_PICKLE },
	{ ".debug_pkl", ZIP_ROLE_PICKLE },
	{ ".pickle", ZIP_ROLE_PICKLE },
	{ ".pt", ZIP_ROLE_PICKLE },
	{ ".py", ZIP_ROLE_PYTHON },
	{ ".npy", ZIP_ROLE_ARRAY },
	{ ".gguf", ZIP_ROLE_GGUF },
};

/* By the whole name of what lies in no folder. */
static const struct {
	const char *name;
	uint32_t role;
} top_roles[] = {
	{ "config.json", ZIP_ROLE_KERAS },
	{ "schema.json", ZIP_ROLE_SKOPS },
	{ "mar-inf/manifest.json", ZIP_ROLE_MAR },
	{ "data", ZIP_ROLE_STATE },
	{ "policy.pth", ZIP_ROLE_POLICY },
	{ "pytorch_variables.pth", ZIP_ROLE_POLICY },
	{ "_stable_baselines3_version", ZIP_ROLE_POLICY },
	{ "parameters", ZIP_ROLE_POLICY },
};

/* Folders of raw numbers: their files are called 0, 1, 2, ... */
static const char *const storage_folders[] = { "data/", "constants/",
	"tensors/" };

/* What nobody asks an .npz for: the ends of names in large archives of
 * pictures, documents, programs and sources. */
static const char *const media_ends[] = { "jpg", "jpeg", "png", "gif", "bmp",
	"webp", "svg", "tif", "tiff", "heic", "ico", "mp3", "mp4", "wav",
	"flac", "ogg", "mov", "avi", "mkv", "webm", "pdf", "doc", "docx", "xls",
	"xlsx", "ppt", "pptx", "odt", "ods", "txt", "md", "rst", "csv", "tsv",
	"json", "xml", "html", "htm", "css", "js", "ts", "map", "yml", "yaml",
	"toml", "ini", "cfg", "c", "h", "cc", "cpp", "hpp", "java", "class",
	"kt", "rs", "go", "py", "pyc", "rb", "php", "sh", "bat", "jar", "so",
	"dll", "exe", "o", "a", "ttf", "otf", "woff", "woff2", "mf", "sf",
	"rsa", "properties", "rels" };

static const struct {
	const char *name;
	uint32_t any; /* a member with one of these roles makes it that */
	bool torch;
} kinds[ZIP_KIND_COUNT] = {
	[ZIP_KIND_PLAIN] = { "zip", 0, false },
	[ZIP_KIND_TORCH] = { "torch-zip", ZIP_ROLE_DATA, true },
	[ZIP_KIND_TORCHSCRIPT] = { "torchscript-zip",
	    ZIP_ROLE_CONSTANTS | ZIP_ROLE_BYTECODE, true },
	[ZIP_KIND_PACKAGE] = { "torch-package", ZIP_ROLE_EXTERN, true },
	[ZIP_KIND_EXPORT] = { "torch-export", ZIP_ROLE_EXPORT, true },
	[ZIP_KIND_NPZ] = { "npz", 0, false },
	[ZIP_KIND_KERAS] = { "keras-zip", ZIP_ROLE_KERAS, false },
	[ZIP_KIND_SKOPS] = { "skops", ZIP_ROLE_SKOPS, false },
	[ZIP_KIND_MAR] = { "torchserve", ZIP_ROLE_MAR, false },
	[ZIP_KIND_BASELINES] = { "stable-baselines", 0, false },
	[ZIP_KIND_LLAMAFILE] = { "llamafile", 0, false },
};

/* A call that no honest TorchScript makes: these open files. */
static const char *const script_words[] = { "torch.save(", "torch.load(",
	"torch.from_file(", "aten::save", "aten::load", "aten::from_file",
	"ops.aten.save", "ops.aten.from_file", "ops.prim.PythonOp",
	"prim::PythonOp" };

/* Python that starts programs, runs text or opens connections.  Bare `import
 * os` and `.eval()` are in half of all honest model code. */
static const char *const python_words[] = { "os.system(", "os.popen(",
	"os.exec", "os.spawn", "posix.system(", "subprocess.", "pty.spawn",
	"socket.socket(", "__import__('os')", "__import__(\"os\")",
	"__import__('subprocess", "__import__(\"subprocess", "exec(base64",
	"exec(zlib", "exec(bytes", "exec(compile(", "eval(compile(",
	"marshal.loads(", "ctypes.CDLL(", "urllib.request.urlopen(",
	"requests.get(", "requests.post(" };

static bool
text_matches(const uint8_t *s, size_t n, enum match match, const char *text)
{
	size_t size = strlen(text);

	if (n < size || (match == IS && n != size))
		return false;
	return memcmp(match == ENDS ? s + n - size : s, text, size) == 0;
}

/* Does the name lead out of the folder that it will be unpacked to? */
static uint32_t
escape_role(const uint8_t *s, size_t n)
{
	uint32_t role = 0;

	if (path_is_absolute((const char *)s, n))
		role |= ZIP_ROLE_ABSOLUTE;
	if (path_climbs((const char *)s, n))
		role |= ZIP_ROLE_CLIMBS;
	return role;
}

/* Is the rest "data/17", as storages are called? */
static bool
rest_is_storage(const uint8_t *s, size_t n)
{
	for (size_t i = 0;
	     i < sizeof(storage_folders) / sizeof(storage_folders[0]); i++) {
		size_t at = strlen(storage_folders[i]);

		if (!text_matches(s, n, BEGINS, storage_folders[i]))
			continue;
		while (at < n && s[at] >= '0' && s[at] <= '9')
			at++;
		if (at == n && n > strlen(storage_folders[i]))
			return true;
	}
	return false;
}

/* Roles by the part of the name behind its first folder. */
static uint32_t
rest_role(const uint8_t *s, size_t n)
{
	uint32_t role = rest_is_storage(s, n) ? ZIP_ROLE_STORAGE : 0;

	for (size_t i = 0; i < sizeof(rest_roles) / sizeof(rest_roles[0]); i++)
		if (text_matches(s, n, rest_roles[i].match, rest_roles[i].text))
			role |= rest_roles[i].role;
	return role;
}

/* Is it named like what is never an array?  For each name of each archive, so
 * the ends are compared by what follows the last dot. */
static bool
name_is_media(const uint8_t *s, size_t n)
{
	const uint8_t *dot = memrchr(s, '.', n);
	const char *end;
	size_t size;

	if (n > 0 && s[n - 1] == '/')
		return true;
	if (dot == NULL)
		return false;
	end = (const char *)dot + 1;
	size = n - (size_t)(dot - s) - 1;
	for (size_t i = 0; i < sizeof(media_ends) / sizeof(media_ends[0]); i++)
		if (strncmp(media_ends[i], end, size) == 0 &&
		    media_ends[i][size] == '\0')
			return true;
	return false;
}

static uint32_t
end_role(const uint8_t *s, size_t n)
{
	uint32_t role = name_is_media(s, n) ? ZIP_ROLE_MEDIA : 0;

	for (size_t i = 0; i < sizeof(end_roles) / sizeof(end_roles[0]); i++)
		if (text_matches(s, n, ENDS, end_roles[i].end))
			role |= end_roles[i].role;
	return role;
}

static uint32_t
top_role(const uint8_t *s, size_t n)
{
	uint32_t role = 0;

	for (size_t i = 0; i < sizeof(top_roles) / sizeof(top_roles[0]); i++)
		if (text_matches(s, n, IS, top_roles[i].name))
			role |= top_roles[i].role;
	return role;
}

/* The name as careless readers see it. */
static size_t
name_fold(const uint8_t *name, size_t size, uint8_t *folded, uint32_t *role)
{
	size_t n = (size_t)ckd_min(size, ZIP_NAME_MAX);
	const uint8_t *nul = memchr(name, 0, n);

	if (nul != NULL) {
		*role |= ZIP_ROLE_NUL;
		n = (size_t)(nul - name);
	}
	if (memchr(name, '\\', n) != NULL)
		*role |= ZIP_ROLE_BACKSLASH;
	for (size_t i = 0; i < n; i++)
		folded[i] = zip_fold(name[i]);
	return n;
}

uint32_t
torch_name_role(void *context, const uint8_t *name, size_t size, bool first)
{
	struct torch_names *names = context;
	uint8_t s[ZIP_NAME_MAX];
	uint32_t role = 0;
	size_t n = name_fold(name, size, s, &role);
	const uint8_t *slash = memchr(s, '/', n);
	size_t folder = slash == NULL ? 0 : (size_t)(slash - s) + 1;

	if (first && names->folder_size == 0) {
		memcpy(names->folder, s, folder);
		names->folder_size = folder;
	}
	if (folder != names->folder_size ||
	    memcmp(s, names->folder, folder) != 0)
		role |= ZIP_ROLE_OUTSIDE;
	role |= rest_role(s + folder, n - folder);
	role |= end_role(s, n) | top_role(s, n) | escape_role(s, n);
	names->roles |= role;
	return role;
}

enum zip_kind
torch_kind(uint32_t roles)
{
	static const enum zip_kind order[] = { ZIP_KIND_PACKAGE,
		ZIP_KIND_TORCHSCRIPT, ZIP_KIND_TORCH, ZIP_KIND_EXPORT,
		ZIP_KIND_MAR, ZIP_KIND_SKOPS, ZIP_KIND_KERAS };
	const uint32_t both = ZIP_ROLE_STATE | ZIP_ROLE_POLICY;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if ((roles & kinds[order[i]].any) != 0)
			return order[i];
	if ((roles & both) == both)
		return ZIP_KIND_BASELINES;
	return ZIP_KIND_PLAIN;
}

const char *
zip_kind_name(enum zip_kind kind)
{
	return kinds[kind].name;
}

bool
zip_kind_is_torch(enum zip_kind kind)
{
	return kinds[kind].torch;
}

/* The first word of the table in n bytes, or NULL. */
static const char *
words_find(
    const char *const *words, size_t count, const uint8_t *text, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (memmem(text, n, words[i], strlen(words[i])) != NULL)
			return words[i];
	return NULL;
}

enum err
torch_code_look(const struct source *s, bool script, const char **word)
{
	const char *const *words = script ? script_words : python_words;
	size_t count = script ? sizeof(script_words) / sizeof(script_words[0])
			      : sizeof(python_words) / sizeof(python_words[0]);
	uint8_t block[CODE_BLOCK];
	size_t kept = 0, got = 1, total;

	*word = NULL;
	for (uint64_t at = 0; at < CODE_MAX && got > 0; at += got) {
		enum err e = source_read_some(
		    s, at, block + kept, sizeof(block) - kept, &got);

		if (e != ERR_OK)
			return e;
		if ((*word = words_find(words, count, block, kept + got)) !=
		    NULL)
			return ERR_OK;
		total = kept + got;
		kept = (size_t)ckd_min(total, CODE_OVERLAP);
		memmove(block, block + total - kept, kept);
	}
	return ERR_OK;
}
