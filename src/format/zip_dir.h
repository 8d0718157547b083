/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_dir: the two views of a zip archive, read and not judged.
 *
 * The directory at the end names the members; each member has a header of its
 * own before its data.  Readers trust one or the other, and differ in which of
 * several end records they believe.  Here every end record that some reader
 * would believe gives a view; all views' entries lie in one compact array.
 *
 * Owns the array (charged to the budget, as it grows; a declared count
 * allocates nothing) and a window over the directory.  What is odd is a fact
 * with an offset; what it means is format/zip's.
 *
 * Reference: APPNOTE.TXT 6.3.10, sections 4.3 to 4.5; CPython's
 *	Lib/zipfile, _EndRecData() and ZipFile._RealGetContents(); miniz's
 *	mz_zip_reader_read_central_dir().
 */
#ifndef FORMAT_ZIP_DIR_H
#define FORMAT_ZIP_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sort.h"
#include "byte/source.h"

enum {
	ZIP_END_SIZE = 22,     /* bytes of an end record without comment */
	ZIP_CENTRAL_SIZE = 46, /* of a directory entry without its tail */
	ZIP_LOCAL_SIZE = 30,   /* of a local header without its tail */
	ZIP_VIEWS_MAX = 8,     /* an honest archive has one */
	ZIP_NAME_MAX = 1024,   /* of a longer name, this much is used */
	ZIP_FRONT_MAX = 64     /* of the data, read along with its header */
};

#define ZIP_SIG_LOCAL UINT32_C(0x04034b50)
#define ZIP_SIG_CENTRAL UINT32_C(0x02014b50)
#define ZIP_SIG_END UINT32_C(0x06054b50)

/* General purpose flags. */
enum {
	ZIP_FLAG_ENCRYPTED = 0x0001,
	ZIP_FLAG_DESCRIPTOR = 0x0008, /* sizes follow the data */
	ZIP_FLAG_PATCHED = 0x0020,
	ZIP_FLAG_STRONG = 0x0040,
	ZIP_FLAG_UTF8 = 0x0800,
	ZIP_FLAG_MASKED = 0x2000 /* local headers hide their values */
};

enum {
	ZIP_STORED = 0,
	ZIP_DEFLATED = 8,
	ZIP_BZIP2 = 12,
	ZIP_LZMA = 14,
	ZIP_ZSTD_OLD = 20,
	ZIP_ZSTD = 93,
	ZIP_XZ = 95,
	ZIP_AES = 99
};

/* One member as a directory tells it.  Compact: there may be 200,000. */
struct zip_entry {
	uint64_t header_at; /* its local header, from the start of the source */
	uint64_t packed;    /* bytes, declared */
	uint64_t size;      /* bytes unpacked, declared */
	uint64_t name_at;   /* its name in the directory */
	uint64_t hash;      /* of its folded name: equal names, equal hashes */
	uint32_t crc;
	uint32_t attributes; /* external: the mode in the upper half on Unix */
	uint32_t role;       /* the caller's, from zip_name_fn */
	uint16_t name_size;
	uint16_t flags;
	uint16_t method;
	uint8_t version; /* needed to extract, times ten */
	uint8_t system;  /* that made it: 3 is Unix */
	uint8_t view;    /* index of its view */
	uint8_t odd;     /* ZIP_ODD_* */
};

/* What is odd about one entry. */
enum {
	ZIP_ODD_ZIP64 = 1,  /* a size says "see the extra field", and none is */
	ZIP_ODD_UNICODE = 2 /* an extra field gives it another name */
};

/* A directory, as some reader finds it. */
struct zip_view {
	uint64_t end_at; /* the end record */
	uint64_t at;     /* the directory's first byte */
	uint64_t limit;  /* where the end records begin */
	uint64_t size;   /* bytes, declared */
	uint64_t count;  /* entries, declared */
	int64_t shift;   /* added to the offsets of headers */
	bool wide;       /* count has 64 bits */
	size_t entries;  /* found */
	uint64_t lowest; /* local header that it names, or at */
};

/* What is odd about the archive. */
enum zip_fact {
	ZIP_FACT_NO_END,    /* no end record that leads to a directory */
	ZIP_FACT_MORE_ENDS, /* several, leading to different directories */
	ZIP_FACT_COUNT,     /* entries declared and found differ */
	ZIP_FACT_SIZE,      /* the directory does not end where declared */
	ZIP_FACT_ZIP64,     /* zip64 and classic end record disagree */
	ZIP_FACT_DISKS,     /* one part of several */
	ZIP_FACT_CUT,       /* an entry is cut off */
	ZIP_FACTS
};

/* Called for each name as it is read (raw bytes, at most ZIP_NAME_MAX): the
 * caller's role for it.  first: the first entry of its view. */
typedef uint32_t zip_name_fn(
    void *context, const uint8_t *name, size_t size, bool first);

struct zip_dir {
	struct source source;
	zip_name_fn *name;
	void *context;
	struct zip_view views[ZIP_VIEWS_MAX];
	size_t view_count;
	struct zip_entry *entries;
	size_t entry_count, entry_room;
	uint32_t facts;              /* 1 << enum zip_fact */
	uint64_t fact_at[ZIP_FACTS]; /* where each was first seen */
	uint64_t end;                /* behind the last end record's comment */
	uint64_t charged;            /* memory, bytes */
	enum err failed;             /* of a look that only asked whether */
	/* the end of the source, as far as end records may be there that belong
	 * to no member; each byte is read once */
	uint8_t *tail;
	uint64_t tail_at;
	size_t tail_size;
	/* a window over the directory, where it is not in the tail */
	uint8_t *window;
	uint64_t window_at;
	size_t window_size;
};

/* A member as the header before its data tells it. */
struct zip_local {
	uint64_t at;      /* the header */
	uint64_t data_at; /* bytes from the start of the source */
	uint64_t packed, size;
	uint32_t crc;
	uint16_t name_size;
	uint16_t flags;
	uint16_t method;
	uint8_t version;
	uint8_t name[ZIP_NAME_MAX]; /* the first bytes of its name */
	/* the data's first bytes, as far as they were read with the header */
	uint8_t front[ZIP_FRONT_MAX];
	size_t front_size;
};

/* Does an end record that leads to a directory stand at the end of s?  Reads
 * at most 64 KiB and some bytes, charged like any read.  True as well when a
 * spent budget or a fault keeps it from knowing. */
bool zip_dir_present(const struct source *s);

/*
 * Read the directory of s.  Whatever was found before an error stays in dir,
 * which is to be freed in every case; s and context outlive it.
 * ERR_LIMIT, ERR_NOMEM, ERR_SYS.  A missing or damaged directory is no error
 * but a fact.
 */
MUST_USE enum err zip_dir_read(const struct source *s, zip_name_fn *name,
    void *context, struct zip_dir *dir);

/* Release it. NULL is fine. */
void zip_dir_free(struct zip_dir *dir);

bool zip_dir_fact(const struct zip_dir *dir, enum zip_fact fact);

/*
 * The first n bytes of an entry's name (at most its size): a pointer valid
 * until the next call on dir.  n is at most 64 KiB.
 * ERR_SHORT (the file shrank), ERR_LIMIT, ERR_NOMEM, ERR_SYS.
 */
MUST_USE enum err zip_dir_name(struct zip_dir *dir, const struct zip_entry *e,
    size_t n, const uint8_t **name);

/* Sort the entries in place, by a comparison like qsort's: no memory, and no
 * order of input that makes it slow. */
void zip_dir_sort(struct zip_dir *dir, sort_fn compare);

/* By offset, then by view. */
int zip_entry_by_offset(const void *a, const void *b);

/* By folded name, then by offset. */
int zip_entry_by_name(const void *a, const void *b);

/*
 * Read the local header at offset at of s.
 * ERR_SHORT	it is cut off
 * ERR_MALFORMED	there is none
 * ERR_LIMIT, ERR_SYS
 */
MUST_USE enum err zip_local_read(
    const struct source *s, uint64_t at, struct zip_local *out);

/* Could it be one that a writer wrote, as against the four bytes by chance? */
bool zip_local_plausible(const struct source *s, const struct zip_local *l);

/*
 * Where the data descriptor behind data that ends at `at` ends: `at` itself
 * when none of its four forms fits these values.
 * ERR_LIMIT, ERR_SYS.
 */
MUST_USE enum err zip_descriptor_skip(const struct source *s, uint64_t at,
    const struct zip_entry *e, uint64_t *out);

/*
 * Find the next local header that is plausible in [at, end): *found is its
 * offset, or end.
 * ERR_LIMIT, ERR_SYS.
 */
MUST_USE enum err zip_local_find(
    const struct source *s, uint64_t at, uint64_t end, uint64_t *found);

#endif /* FORMAT_ZIP_DIR_H */
