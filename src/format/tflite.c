/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tflite: walk a TensorFlow Lite model: offsets, indices, operators.
 *
 * Reference: tensorflow/lite/schema/schema.fbs (fields by their number below);
 * tools/verifier.cc, which most programs do not call: so an index or offset
 * that leads outside is read by them (CVE-2020-15211, CVE-2021-29605, ...).
 * Operators called Flex... are TensorFlow's own, and do what those do.
 * A zip of labels may stand behind the model; the engine looks at it.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/text.h"
#include "format/flatbuffer.h"
#include "format/formats.h"
#include "format/tf_op.h"

enum {
	MAGIC_AT = 4,
	OFFSET = 4,
	EVIDENCE = 64,
};

enum model_field {
	MODEL_CODES = 1,
	MODEL_SUBGRAPHS = 2,
	MODEL_DESCRIPTION = 3,
	MODEL_BUFFERS = 4,
	MODEL_METADATA = 6,
};
enum code_field { CODE_CUSTOM = 1 };
enum subgraph_field {
	SUBGRAPH_TENSORS = 0,
	SUBGRAPH_INPUTS = 1,
	SUBGRAPH_OUTPUTS = 2,
	SUBGRAPH_OPERATORS = 3,
};
enum tensor_field { TENSOR_SHAPE = 0, TENSOR_BUFFER = 2 };
enum operator_field {
	OPERATOR_CODE = 0,
	OPERATOR_INPUTS = 1,
	OPERATOR_OUTPUTS = 2,
	OPERATOR_OPTIONS = 5, /* custom_options */
};
enum buffer_field { BUFFER_DATA = 0, BUFFER_OFFSET = 1, BUFFER_SIZE = 2 };
enum metadata_field { METADATA_BUFFER = 1 };

/* Custom operators of TensorFlow Lite itself (kernels/custom_ops_register.h,
 * kernels/parse_example, perception), of the text and task libraries and of
 * MediaPipe and Coral: runtimes bring them. */
static const char *const customs[] = { "AudioSpectrogram", "AvgPool3D",
	"Convolution2DTransposeBias", "HashTable", "Irfft2D",
	"Landmarks2TransformMatrix", "MaxPool3D", "MaxPoolingWithArgmax2D",
	"MaxUnpooling2D", "Mfcc", "Multinomial", "NumericVerify",
	"ParseExample", "ParseExampleV2", "RaggedTensorToTensor",
	"RandomStandardNormal", "RandomUniform", "Roll",
	"TFLite_Detection_PostProcess", "TFNgrams", "TFSentencepieceTokenizeOp",
	"TFWhitespaceTokenizer", "TransformLandmarks",
	"TransformTensorBilinear", "edgetpu-custom-op" };

struct tflite {
	struct visit *v;
	struct flatbuffer f;
	uint32_t codes, buffers;
};

static enum sniff
tflite_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *p = cursor_take(&head, MAGIC_AT + 4);

	(void)s;
	return p != NULL && memcmp(p + MAGIC_AT, "TFL3", 4) == 0 ? SNIFF_YES
								 : SNIFF_NO;
}

static void
index_find(struct tflite *t, uint64_t at, const char *what)
{
	visit_find(t->v, RULE_TFLITE_INDEX, at, "%s", what);
}

/* Charge for one more thing; false when the budget is spent. */
static bool
charge(struct tflite *t)
{
	if (t->f.e == ERR_OK)
		t->f.e = budget_take(t->v->budget, BUDGET_OPCODES, 1);
	return t->f.e == ERR_OK;
}

static bool
custom_is_known(const char *s, size_t n)
{
	return text_is_in(customs, sizeof(customs) / sizeof(customs[0]), s, n);
}

/* An operator that the runtime does not have by itself. */
static void
code_judge(struct tflite *t, uint64_t code)
{
	char name[FLATBUFFER_STRING_MAX];
	uint64_t field = flatbuffer_field(&t->f, code, CODE_CUSTOM);
	size_t n = flatbuffer_string(&t->f, field, name);
	enum rule rule;

	if (n == 0 || custom_is_known(name, n))
		return;
	visit_string(t->v, name, n);
	if (n < 4 || memcmp(name, "Flex", 4) != 0)
		visit_find(t->v, RULE_TFLITE_CUSTOM, field, "%.*s",
		    (int)ckd_min(n, EVIDENCE), name);
	else if (tf_op_rule(name + 4, n - 4, &rule) && rule != RULE_TF_OP_FILES)
		visit_find(t->v, RULE_TFLITE_FLEX, field, "%.*s",
		    (int)ckd_min(n, EVIDENCE), name);
}

static void
codes_judge(struct tflite *t, uint64_t model)
{
	struct flatbuffer_vector codes = flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, model, MODEL_CODES), OFFSET);

	t->codes = codes.count;
	for (uint32_t i = 0; i < codes.count && charge(t); i++)
		code_judge(t, flatbuffer_table(&t->f, &codes, i));
}

/* Data lies in the vector, or of large models behind the FlatBuffer. */
static void
buffer_judge(struct tflite *t, uint64_t buffer)
{
	uint64_t offset = flatbuffer_value(
	    &t->f, flatbuffer_field(&t->f, buffer, BUFFER_OFFSET), 8, 0);
	uint64_t size = flatbuffer_value(
	    &t->f, flatbuffer_field(&t->f, buffer, BUFFER_SIZE), 8, 0);

	(void)flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, buffer, BUFFER_DATA), 1);
	/* 1 and less stand for "here" */
	if (offset > 1 && (offset > t->f.s.size || size > t->f.s.size - offset))
		index_find(t, buffer, "a buffer outside of the file");
}

static void
buffers_judge(struct tflite *t, uint64_t model)
{
	struct flatbuffer_vector buffers = flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, model, MODEL_BUFFERS), OFFSET);

	t->buffers = buffers.count;
	for (uint32_t i = 0; i < buffers.count && charge(t); i++)
		buffer_judge(t, flatbuffer_table(&t->f, &buffers, i));
}

/* Do the sizes multiply to what an allocation can be? */
static void
shape_judge(struct tflite *t, uint64_t tensor)
{
	struct flatbuffer_vector shape = flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, tensor, TENSOR_SHAPE), 4);
	uint64_t elements = 1;

	for (uint32_t i = 0; i < shape.count && charge(t); i++) {
		int32_t size = (int32_t)(uint32_t)flatbuffer_number(
		    &t->f, shape.at + 4u * i, 4);

		if (size < -1 ||
		    !ckd_mul(
			elements, size < 0 ? 1 : (uint64_t)size, &elements) ||
		    elements > INT64_MAX / 16) {
			index_find(t, tensor, "the sizes of a tensor");
			return;
		}
	}
}

static void
tensor_judge(struct tflite *t, uint64_t tensor)
{
	uint64_t buffer = flatbuffer_value(
	    &t->f, flatbuffer_field(&t->f, tensor, TENSOR_BUFFER), 4, 0);

	shape_judge(t, tensor);
	if (buffer >= t->buffers && buffer > 0)
		index_find(t, tensor, "the buffer of a tensor");
}

/* Indices of tensors; -1 stands for none. */
static void
tensors_judge(struct tflite *t, uint64_t field, uint32_t count)
{
	struct flatbuffer_vector list = flatbuffer_list(&t->f, field, 4);

	for (uint32_t i = 0; i < list.count && charge(t); i++) {
		uint64_t at = list.at + 4u * (uint64_t)i;
		int32_t index =
		    (int32_t)(uint32_t)flatbuffer_number(&t->f, at, 4);

		if (index < -1 || (index >= 0 && (uint32_t)index >= count)) {
			index_find(t, at, "a tensor");
			return;
		}
	}
}

static void
operator_judge(struct tflite *t, uint64_t op, uint32_t tensors)
{
	uint64_t code = flatbuffer_value(
	    &t->f, flatbuffer_field(&t->f, op, OPERATOR_CODE), 4, 0);

	if (code >= t->codes)
		index_find(t, op, "the code of an operator");
	tensors_judge(t, flatbuffer_field(&t->f, op, OPERATOR_INPUTS), tensors);
	tensors_judge(
	    t, flatbuffer_field(&t->f, op, OPERATOR_OUTPUTS), tensors);
	(void)flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, op, OPERATOR_OPTIONS), 1);
}

static void
subgraph_judge(struct tflite *t, uint64_t subgraph)
{
	struct flatbuffer_vector tensors = flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, subgraph, SUBGRAPH_TENSORS), OFFSET);
	struct flatbuffer_vector ops = flatbuffer_list(&t->f,
	    flatbuffer_field(&t->f, subgraph, SUBGRAPH_OPERATORS), OFFSET);

	for (uint32_t i = 0; i < tensors.count && charge(t); i++)
		tensor_judge(t, flatbuffer_table(&t->f, &tensors, i));
	for (uint32_t i = 0; i < ops.count && charge(t); i++)
		operator_judge(
		    t, flatbuffer_table(&t->f, &ops, i), tensors.count);
	tensors_judge(t, flatbuffer_field(&t->f, subgraph, SUBGRAPH_INPUTS),
	    tensors.count);
	tensors_judge(t, flatbuffer_field(&t->f, subgraph, SUBGRAPH_OUTPUTS),
	    tensors.count);
}

static void
metadata_judge(struct tflite *t, uint64_t model)
{
	struct flatbuffer_vector list = flatbuffer_list(
	    &t->f, flatbuffer_field(&t->f, model, MODEL_METADATA), OFFSET);

	for (uint32_t i = 0; i < list.count && charge(t); i++) {
		uint64_t item = flatbuffer_table(&t->f, &list, i);
		uint64_t buffer = flatbuffer_value(&t->f,
		    flatbuffer_field(&t->f, item, METADATA_BUFFER), 4, 0);

		if (buffer >= t->buffers)
			index_find(t, item, "the buffer of metadata");
	}
}

static enum err
tflite_walk(struct visit *v, const struct source *s)
{
	struct tflite t = { .v = v };
	char text[FLATBUFFER_STRING_MAX];
	struct flatbuffer_vector subgraphs;
	uint64_t model;

	flatbuffer_begin(&t.f, s);
	visit_recognise(v, "tflite", true);
	/* the root's offset counts from 0, where no other offset stands */
	model = flatbuffer_number(&t.f, 0, OFFSET);
	if (model < MAGIC_AT + 4 || model >= s->size) {
		index_find(&t, 0, "the model itself");
		return t.f.e;
	}
	visit_string(v, text,
	    flatbuffer_string(
		&t.f, flatbuffer_field(&t.f, model, MODEL_DESCRIPTION), text));
	codes_judge(&t, model);
	buffers_judge(&t, model);
	subgraphs = flatbuffer_list(
	    &t.f, flatbuffer_field(&t.f, model, MODEL_SUBGRAPHS), OFFSET);
	for (uint32_t i = 0; i < subgraphs.count && charge(&t); i++)
		subgraph_judge(&t, flatbuffer_table(&t.f, &subgraphs, i));
	metadata_judge(&t, model);
	if (t.f.lied && v->growing)
		return ERR_SHORT;
	if (t.f.lied)
		index_find(&t, t.f.lied_at, "an offset outside of the file");
	return t.f.e;
}

const struct format format_tflite = {
	.name = "tflite",
	.title = "TensorFlow Lite model",
	.extensions = ".tflite .lite",
	.reference = "tensorflow/lite/schema/schema.fbs",
	.in_place = true,
	.sniff = tflite_sniff,
	.walk = tflite_walk,
};
