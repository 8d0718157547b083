/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ort: walk a model in the format of ONNX Runtime: operators and offsets.
 *
 * Reference: onnxruntime/core/flatbuffers/schema/ort.fbs (fields by their
 * number below).  A FlatBuffer of the same model as ONNX, with the same
 * operators, of subgraphs too; its weights are always within.  Graphs within
 * graphs are put on a list, so a file can't make this go deep, and a graph
 * that holds itself ends with the list.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/flatbuffer.h"
#include "format/formats.h"
#include "format/onnx_op.h"

enum {
	MAGIC_AT = 4,
	OFFSET = 4,
	EVIDENCE = 64,
	GRAPHS_MAX = 4096, /* branches and loops of large models: some 100 */
};

enum session_field { SESSION_MODEL = 1 };
enum model_field { MODEL_GRAPH = 7 };
enum graph_field { GRAPH_INITIALIZERS = 0, GRAPH_NODES = 2 };
enum node_field { NODE_DOMAIN = 2, NODE_OP = 5, NODE_ATTRIBUTES = 10 };
enum attribute_field { ATTRIBUTE_GRAPH = 7, ATTRIBUTE_GRAPHS = 12 };
enum tensor_field { TENSOR_RAW = 4 };

struct ort {
	struct visit *v;
	struct flatbuffer f;
	bool custom; /* operators of another library were reported */
	size_t done, count;
	uint64_t graphs[GRAPHS_MAX];
};

static enum sniff
ort_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *p = cursor_take(&head, MAGIC_AT + 4);

	(void)s;
	return p != NULL && memcmp(p + MAGIC_AT, "ORTM", 4) == 0 ? SNIFF_YES
								 : SNIFF_NO;
}

/* Charge for one more thing; false when the budget is spent. */
static bool
charge(struct ort *o)
{
	if (o->f.e == ERR_OK)
		o->f.e = budget_take(o->v->budget, BUDGET_OPCODES, 1);
	return o->f.e == ERR_OK;
}

static void
graph_add(struct ort *o, uint64_t graph)
{
	if (graph == 0)
		return;
	if (o->count < GRAPHS_MAX)
		o->graphs[o->count++] = graph;
	else if (o->f.e == ERR_OK)
		o->f.e = ERR_LIMIT;
}

static struct flatbuffer_vector
tables_of(struct ort *o, uint64_t table, unsigned field)
{
	return flatbuffer_list(
	    &o->f, flatbuffer_field(&o->f, table, field), OFFSET);
}

static void
attribute_look(struct ort *o, uint64_t attribute)
{
	uint64_t one = flatbuffer_field(&o->f, attribute, ATTRIBUTE_GRAPH);
	struct flatbuffer_vector more =
	    tables_of(o, attribute, ATTRIBUTE_GRAPHS);

	if (one != 0)
		graph_add(o, flatbuffer_follow(&o->f, one));
	for (uint32_t i = 0; i < more.count && charge(o); i++)
		graph_add(o, flatbuffer_table(&o->f, &more, i));
}

static void
node_judge(struct ort *o, uint64_t node)
{
	char text[FLATBUFFER_STRING_MAX];
	uint64_t field = flatbuffer_field(&o->f, node, NODE_OP);
	size_t n = flatbuffer_string(&o->f, field, text);
	struct flatbuffer_vector attributes;
	enum rule rule;

	if (onnx_op_rule(text, n, &rule))
		visit_find(
		    o->v, rule, field, "%.*s", (int)ckd_min(n, EVIDENCE), text);
	field = flatbuffer_field(&o->f, node, NODE_DOMAIN);
	n = flatbuffer_string(&o->f, field, text);
	if (!o->custom && !onnx_domain_is_known(text, n)) {
		o->custom = true;
		visit_find(o->v, RULE_ONNX_CUSTOM, field, "%.*s",
		    (int)ckd_min(n, EVIDENCE), text);
	}
	attributes = tables_of(o, node, NODE_ATTRIBUTES);
	for (uint32_t i = 0; i < attributes.count && charge(o); i++)
		attribute_look(o, flatbuffer_table(&o->f, &attributes, i));
}

static void
graph_judge(struct ort *o, uint64_t graph)
{
	struct flatbuffer_vector nodes = tables_of(o, graph, GRAPH_NODES);
	struct flatbuffer_vector tensors =
	    tables_of(o, graph, GRAPH_INITIALIZERS);

	for (uint32_t i = 0; i < nodes.count && charge(o); i++)
		node_judge(o, flatbuffer_table(&o->f, &nodes, i));
	for (uint32_t i = 0; i < tensors.count && charge(o); i++)
		(void)flatbuffer_list(&o->f,
		    flatbuffer_field(&o->f,
			flatbuffer_table(&o->f, &tensors, i), TENSOR_RAW),
		    1);
}

/* The table that a field of a table names; 0: none. */
static uint64_t
table_of(struct ort *o, uint64_t table, unsigned number)
{
	uint64_t field = flatbuffer_field(&o->f, table, number);

	return field == 0 ? 0 : flatbuffer_follow(&o->f, field);
}

static enum err
ort_walk(struct visit *v, const struct source *s)
{
	AUTO_FREE struct ort *o = calloc(1, sizeof(*o));
	uint64_t session;

	if (o == NULL)
		return ERR_NOMEM;
	o->v = v;
	flatbuffer_begin(&o->f, s);
	visit_recognise(v, "ort", true);
	session = flatbuffer_number(&o->f, 0, OFFSET);
	if (session < MAGIC_AT + 4 || session >= s->size) {
		visit_find(v, RULE_ORT_OFFSET, 0, "the model itself");
		return o->f.e;
	}
	graph_add(
	    o, table_of(o, table_of(o, session, SESSION_MODEL), MODEL_GRAPH));
	while (o->done < o->count && charge(o))
		graph_judge(o, o->graphs[o->done++]);
	if (o->f.lied && v->growing)
		return ERR_SHORT;
	if (o->f.lied)
		visit_find(v, RULE_ORT_OFFSET, o->f.lied_at, NULL);
	return o->f.e;
}

const struct format format_ort = {
	.name = "ort",
	.title = "ONNX Runtime model",
	.extensions = ".ort",
	.reference = "onnxruntime/core/flatbuffers/schema/ort.fbs",
	.in_place = true,
	.sniff = ort_sniff,
	.walk = ort_walk,
};
