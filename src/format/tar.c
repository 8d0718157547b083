/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar: walk a tar archive; above all torch's format of before 2018, which
 * torch.load() still reads, and in which weights_only=True was no protection.
 *
 * A NeMo file is a tar as well, which its loader unpacks and loads at once.
 * Any other tar is an archive: its files are judged when they are opened
 * themselves, and walked where no opener waits.
 *
 * Reference: torch/serialization.py, legacy_load(): tar members "storages",
 *	"tensors", "pickle" and "sys_info"; CVE-2025-32434; NeMo
 *	core/connectors/save_restore_connector.py.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/formats.h"
#include "format/path.h"
#include "format/spool.h"
#include "format/tar_entry.h"

enum {
	/* While an open waits, a header is a seek: this many are read in any
	 * archive, and more while they lie close together. */
	HEADERS_FEW = 4096,
	HEADERS_BYTES = 256 * 1024 * 1024,
	PACKED_BYTES = 64 * 1024
};

/* Members that tell what the archive is. */
enum {
	HAS_STORAGES = 1,
	HAS_TENSORS = 2,
	HAS_PICKLE = 4,
	HAS_SYS_INFO = 8,
	HAS_NEMO_CONFIG = 16,
	HAS_NEMO_WEIGHTS = 32
};

struct tar_walk {
	struct visit *visit;
	struct source source;
	unsigned has;
	bool torch, nemo;
	bool packed; /* the archive is unpacked on the way */
	bool look;   /* members are handed on */
	bool cut;    /* a member ends behind the file */
	bool twice;  /* a record of torch's is there twice */
	uint64_t count;
};

typedef enum err tar_member_fn(struct tar_walk *w, const struct tar_entry *e);

static enum sniff
tar_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *block = cursor_take(&head, TAR_BLOCK);

	(void)s;
	if (block == NULL || !tar_block_is_header(block))
		return SNIFF_NO;
	/* without a mark a checksum alone speaks for it */
	return tar_block_is_marked(block) ? SNIFF_YES : SNIFF_MAYBE;
}

static bool
name_is(const char *name, size_t n, const char *text)
{
	size_t size = strlen(text);

	if (n > 2 && memcmp(name, "./", 2) == 0) {
		name += 2;
		n -= 2;
	}
	return n == size && memcmp(name, text, size) == 0;
}

static bool
name_ends(const char *name, size_t n, const char *text)
{
	size_t size = strlen(text);

	return n >= size && memcmp(name + n - size, text, size) == 0;
}

/* What a name says of the archive. */
static unsigned
name_has(const char *name, size_t n)
{
	static const struct {
		const char *name;
		unsigned has;
	} known[] = { { "storages", HAS_STORAGES }, { "tensors", HAS_TENSORS },
		{ "pickle", HAS_PICKLE }, { "sys_info", HAS_SYS_INFO } };
	unsigned has = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (name_is(name, n, known[i].name))
			has |= known[i].has;
	if (name_ends(name, n, "model_config.yaml"))
		has |= HAS_NEMO_CONFIG;
	if (name_ends(name, n, ".ckpt"))
		has |= HAS_NEMO_WEIGHTS;
	return has;
}

/* Hand the bytes of a member on. */
static enum err
member_child(
    struct tar_walk *w, const struct tar_entry *e, const struct source *bytes)
{
	struct child child = { .name = e->name,
		.name_size = e->name_size,
		.offset = e->header_at,
		.kind = CHILD_MEMBER };

	return visit_child(w->visit, &child, bytes, NULL);
}

/* A member of a packed tar: kept, so that it is unpacked once however often it
 * is looked at. */
static enum err
member_packed(
    struct tar_walk *w, const struct tar_entry *e, const struct source *bytes)
{
	AUTO(spool) struct spool kept = { .data = NULL };
	struct source memory;
	enum err err;

	if (e->size >= SPOOL_MAX)
		return member_child(w, e, bytes);
	if ((err = spool_read(bytes, &kept)) != ERR_OK)
		return err;
	w->cut = w->cut || kept.damage != ERR_OK;
	memory = spool_source(&kept);
	return member_child(w, e, &memory);
}

static enum err
member_visit(struct tar_walk *w, const struct tar_entry *e)
{
	struct source bytes, rest;

	if (e->type != TAR_FILE || e->size == 0)
		return ERR_OK;
	if (source_rest(&w->source, e->data_at, &rest) != ERR_OK ||
	    source_view(&rest, 0, ckd_min(e->size, rest.size), &bytes) !=
		ERR_OK)
		return ERR_OK; /* it is cut, which is said once */
	return w->packed ? member_packed(w, e, &bytes)
			 : member_child(w, e, &bytes);
}

#define SHOWN(e) (int)ckd_min((e)->name_size, 160), (e)->name

static bool
leads_out(const char *path, size_t n)
{
	return path_climbs(path, n) || path_is_absolute(path, n);
}

/* A name that leads out of the folder.  Backups hold absolute names, which tar
 * mends when it unpacks them; who gives a member two names, and lets one of
 * them climb, hides it from those who look at the other. */
static void
name_judge(struct tar_walk *w, const struct tar_entry *e, bool model)
{
	bool climbs = path_climbs(e->name, e->name_size);
	bool hidden = climbs != path_climbs(e->short_name, e->short_size);

	if (hidden || (model && leads_out(e->name, e->name_size)))
		visit_find(
		    w->visit, RULE_TAR_ESCAPE, e->header_at, "%.*s", SHOWN(e));
	else if (climbs)
		visit_find(
		    w->visit, RULE_TAR_PATH, e->header_at, "%.*s", SHOWN(e));
}

/* What no honest writer puts into an archive that is unpacked. */
static void
member_judge(struct tar_walk *w, const struct tar_entry *e)
{
	bool model = w->torch || w->nemo;

	name_judge(w, e, model);
	if (!model)
		return;
	if (e->type == TAR_HARD_LINK || e->type == TAR_SYMBOLIC_LINK ||
	    e->type == TAR_DEVICE)
		visit_find(w->visit,
		    leads_out(e->link, e->link_size) ? RULE_TAR_ESCAPE
						     : RULE_TAR_LINK,
		    e->header_at, "%.*s to %.*s", SHOWN(e),
		    (int)ckd_min(e->link_size, 160), e->link);
}

/* First round: what is there? */
static enum err
member_note(struct tar_walk *w, const struct tar_entry *e)
{
	unsigned has = name_has(e->name, e->name_size) |
	    name_has(e->short_name, e->short_size);

	if ((w->has & has & (HAS_PICKLE | HAS_STORAGES | HAS_TENSORS)) != 0)
		w->twice = true;
	w->has |= has;
	return ERR_OK;
}

/* Second round: judge, and hand on. */
static enum err
member_walk(struct tar_walk *w, const struct tar_entry *e)
{
	member_judge(w, e);
	return w->look ? member_visit(w, e) : ERR_OK;
}

/* Is this enough, while an open waits?  In a large archive each header is a
 * seek; in a packed one everything before it is unpacked. */
static bool
tar_enough(const struct tar_walk *w, uint64_t at)
{
	if (w->visit->unpack || w->look)
		return false;
	if (w->packed)
		return at >= PACKED_BYTES;
	return w->count >= HEADERS_FEW && at >= HEADERS_BYTES;
}

/* Call fn for each member. */
static enum err
tar_each(struct tar_walk *w, tar_member_fn *fn)
{
	struct tar_entry e;
	uint64_t at = 0;
	bool more = true;
	enum err err = ERR_OK;

	w->count = 0;
	while (err == ERR_OK && more && !tar_enough(w, at)) {
		if ((err = budget_check(w->source.budget)) == ERR_OK)
			err = tar_entry_read(&w->source, &at, &e, &more);
		if (err != ERR_OK || !more)
			break;
		w->count++;
		w->cut = w->cut || at > w->source.size;
		err = fn(w, &e);
	}
	if (err == ERR_SHORT) { /* what came before it is loaded all the same */
		w->cut = true;
		err = ERR_OK;
	}
	return err;
}

static void
tar_recognise(const struct tar_walk *w)
{
	bool model = !w->packed && (w->torch || w->nemo);

	/* no loader reads a packed tar as it is: it is unpacked first */
	visit_recognise(w->visit,
	    w->torch      ? "torch-tar"
		: w->nemo ? "nemo"
			  : "tar",
	    model);
	if (w->torch)
		visit_find(w->visit, RULE_TORCH_TAR, 0, NULL);
	if (w->torch && w->twice)
		visit_find(w->visit, RULE_TAR_DUPLICATE, 0, NULL);
}

/* What kind of archive its names make it. */
static void
tar_tell(struct tar_walk *w)
{
	const unsigned nemo = HAS_NEMO_CONFIG | HAS_NEMO_WEIGHTS;

	/* a file that is called "pickle" alone may be anything */
	w->torch = (w->has & HAS_PICKLE) != 0 &&
	    (w->has & (HAS_STORAGES | HAS_TENSORS)) != 0;
	w->nemo = (w->has & nemo) == nemo;
}

/* Note what is there and walk it, in one round: for a packed archive. */
static enum err
member_both(struct tar_walk *w, const struct tar_entry *e)
{
	enum err err = member_note(w, e);

	return err == ERR_OK && w->look ? member_walk(w, e) : err;
}

static enum err
tar_walk(struct visit *v, const struct source *s)
{
	struct tar_walk w = {
		.visit = v, .source = *s, .packed = s->size == SOURCE_UNENDING
	};
	enum err e;

	w.look = w.packed && v->unpack;
	if ((e = tar_each(&w, w.packed ? member_both : member_note)) !=
		ERR_OK ||
	    w.count == 0)
		return e;
	tar_tell(&w);
	tar_recognise(&w);
	if (!w.packed) {
		w.look = v->unpack || w.torch || w.nemo;
		if ((e = tar_each(&w, member_walk)) != ERR_OK)
			return e;
	}
	return w.cut ? ERR_SHORT : ERR_OK;
}

const struct format format_tar = {
	.name = "tar",
	.title = "tar archive, PyTorch checkpoint of before 2018, NeMo model",
	.extensions = ".tar .nemo",
	.reference = "POSIX.1-2017 pax",
	.in_place = false,
	.sniff = tar_sniff,
	.walk = tar_walk,
};
