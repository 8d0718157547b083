/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch_zip: what the names in a zip say about who loads it.
 *
 * Names are compared as the most careless loader compares them: in any case,
 * cut at a NUL, with either slash.  So whatever some loader takes for its
 * record is taken for it here.
 *
 * Reference: torch caffe2/serialize/inline_container.cc (records lie under
 *	the folder of the first entry, and are looked up in any case);
 *	torch/serialization.py; torch/package/package_importer.py;
 *	numpy/lib/npyio.py (NpzFile); Keras
 *	saving/saving_lib.py; skops io/_persist.py.
 */
#ifndef FORMAT_TORCH_ZIP_H
#define FORMAT_TORCH_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/source.h"
#include "format/zip_dir.h"

/* What a member is by its name. */
enum {
	ZIP_ROLE_DATA = 0x0001, /* FOLDER/data.pkl: what torch.load loads */
	ZIP_ROLE_CONSTANTS = 0x0002, /* FOLDER/constants.pkl: TorchScript's */
	ZIP_ROLE_BYTECODE = 0x0004,  /* FOLDER/bytecode.pkl: mobile's */
	ZIP_ROLE_CODE = 0x0008,      /* FOLDER/code/...: TorchScript source */
	ZIP_ROLE_EXTERN = 0x0010,    /* FOLDER/.data/extern_modules */
	ZIP_ROLE_VERSION = 0x0020,   /* FOLDER/version: torch wants it */
	ZIP_ROLE_STORAGE = 0x0040,   /* raw numbers of a tensor */
	ZIP_ROLE_PICKLE = 0x0080,    /* named like a pickle */
	ZIP_ROLE_PYTHON = 0x0100,    /* .py */
	ZIP_ROLE_MEDIA = 0x0200,     /* named like what is never an array */
	ZIP_ROLE_OUTSIDE = 0x0400,   /* not under the first entry's folder */
	ZIP_ROLE_EXPORT = 0x0800,    /* torch.export's program */
	ZIP_ROLE_CLIMBS = 0x1000,    /* with ".." */
	ZIP_ROLE_NUL = 0x2000,       /* a NUL inside */
	ZIP_ROLE_BACKSLASH = 0x4000, /* a backslash inside */
	ZIP_ROLE_ARRAY = 0x8000,     /* .npy */
	ZIP_ROLE_KERAS = 0x10000,    /* config.json: what Keras builds from */
	ZIP_ROLE_ABSOLUTE = 0x40000, /* from the root, or from a drive */
	ZIP_ROLE_MAR = 0x80000,      /* TorchServe's list of what is in it */
	ZIP_ROLE_GGUF = 0x100000,    /* weights of a llamafile */
	ZIP_ROLE_POLICY = 0x200000,  /* of Stable-Baselines: its weights ... */
	ZIP_ROLE_STATE = 0x400000,   /* ... and its JSON with pickles */
	ZIP_ROLE_SKOPS = 0x20000     /* schema.json: what skops builds from */
};

enum zip_kind {
	ZIP_KIND_PLAIN, /* an archive that no loader reads as it is */
	ZIP_KIND_TORCH,
	ZIP_KIND_TORCHSCRIPT,
	ZIP_KIND_PACKAGE, /* torch.package */
	ZIP_KIND_EXPORT,  /* torch.export */
	ZIP_KIND_NPZ,
	ZIP_KIND_KERAS,
	ZIP_KIND_SKOPS,
	ZIP_KIND_MAR,       /* TorchServe */
	ZIP_KIND_BASELINES, /* Stable-Baselines, 2 and 3 */
	ZIP_KIND_LLAMAFILE, /* a program with weights behind it */
	ZIP_KIND_COUNT
};

/* What was learned from the names so far. */
struct torch_names {
	uint8_t folder[ZIP_NAME_MAX]; /* of the first entry, with the slash */
	size_t folder_size;
	uint32_t roles; /* of all members together */
};

/* A zip_name_fn; context is a struct torch_names. */
uint32_t torch_name_role(
    void *context, const uint8_t *name, size_t size, bool first);

/* The kind of an archive whose members have these roles. */
enum zip_kind torch_kind(uint32_t roles);

/* "torch-zip", ... Static storage. */
const char *zip_kind_name(enum zip_kind kind);

/* Is it torch's, in any of its shapes? */
bool zip_kind_is_torch(enum zip_kind kind);

/*
 * Does source text name what reaches out of the model?  script: TorchScript,
 * else Python.  *word is static storage, or NULL.
 * ERR_LIMIT, ERR_SYS, and the errors of unpacking.
 */
MUST_USE enum err torch_code_look(
    const struct source *s, bool script, const char **word);

#endif /* FORMAT_TORCH_ZIP_H */
