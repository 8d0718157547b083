/* SPDX-License-Identifier: Apache-2.0 */
/* zip_walk: one walk over one zip, shared by the files that take part
 * in it. */
#ifndef FORMAT_ZIP_WALK_H
#define FORMAT_ZIP_WALK_H

#include "format/torch_zip.h"
#include "format/zip_dir.h"
#include "model/format.h"

struct zip_walk {
	struct visit *visit;
	struct source source;
	struct source_kept kept; /* the end of source */
	struct zip_dir dir;
	struct torch_names names;
	enum zip_kind kind;
	uint64_t overlap; /* bytes of members that lie over others */
	bool in_place;    /* some loader reads this very file */
	bool cut;         /* something ends before it should */
	bool forward;     /* the end cannot be read, only reached */
};

/* A member in one view, as it is unpacked. */
struct zip_part {
	const uint8_t *name; /* raw */
	size_t name_size;
	uint64_t header_at, data_at;
	uint64_t packed, size;
	uint32_t crc;
	uint32_t role;
	uint16_t flags, method;
	bool sizes_known;     /* false: they follow the data */
	const uint8_t *front; /* of its packed data, read along; or NULL */
	size_t front_size;
};

/* For printf's "%.*s": a name as evidence.  Escaped where it is shown. */
#define ZIP_NAME_SHOWN(name, size) \
	(int)((size) < 160 ? (size) : 160), (const char *)(name)

/* What came of looking at a member. */
struct zip_seen {
	bool code;     /* recognised as something that can carry code */
	bool pickle;   /* namely a pickle */
	bool unpacked; /* its first bytes could be had */
};

/*
 * Unpack the member and hand it to the engine; then judge what only shows
 * when it is unpacked (sizes, checksum, effort).
 * ERR_LIMIT, ERR_NOMEM, ERR_SYS end the walk; damage is reported.
 */
MUST_USE enum err zip_member_visit(
    struct zip_walk *w, const struct zip_part *p, struct zip_seen *seen);

/* Hand the packed bytes to the engine as they are. */
MUST_USE enum err zip_member_visit_raw(
    struct zip_walk *w, const struct zip_part *p, struct zip_seen *seen);

/* Is the member, which is marked as encrypted, readable as it is? */
MUST_USE enum err zip_member_readable(
    struct zip_walk *w, const struct zip_part *p, bool *readable);

/* The first n unpacked bytes, as many as can be had. */
MUST_USE enum err zip_member_front(struct zip_walk *w, const struct zip_part *p,
    uint8_t *front, size_t n, size_t *got);

/* Find out the sizes of a member that no directory lists and whose header
 * leaves them to what follows the data. */
MUST_USE enum err zip_member_measure(struct zip_walk *w, struct zip_part *p);

/* A member as its directory entry tells it; the name's bytes are the
 * caller's to fill in. */
struct zip_part zip_part_of_entry(
    const struct zip_entry *e, const struct zip_local *l);

/* Every member of every view, and what lies between them.  Sorts the entries
 * by offset. ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_walk_members(struct zip_walk *w);

/* Bytes that no entry claims, from *at to end: hidden members, or nothing.
 * *at moves to end, or behind it with the last member that began there.
 * ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_walk_gap(struct zip_walk *w, uint64_t *at, uint64_t end);

/* What the directory alone shows: end records, prefix, names, duplicates.
 * Sorts the entries by name. ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_judge_archive(struct zip_walk *w);

/* What an entry shows by itself. ERR_LIMIT, ERR_NOMEM, ERR_SYS. */
MUST_USE enum err zip_judge_entry(
    struct zip_walk *w, const struct zip_part *p, const struct zip_entry *e);

/* Do the two headers tell of the same member? */
void zip_judge_headers(struct zip_walk *w, const struct zip_part *p,
    const struct zip_local *l, const struct zip_seen *seen);

/* Would a reader of local headers unpack other bytes than p's? */
bool zip_headers_lead_elsewhere(
    const struct zip_part *p, const struct zip_local *l);

#endif /* FORMAT_ZIP_WALK_H */
