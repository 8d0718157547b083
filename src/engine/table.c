/* SPDX-License-Identifier: Apache-2.0 */
/* table: the only list of formats.  Each is tried on everything; the order is
 * that of the names of a file that is two of them. */
#include "engine/engine.h"

#include "format/formats.h"
#include "pickle/pickle.h"

const struct format *const formats[] = {
	&format_archive,
	&format_arrow,
	&format_coreml,
	&format_gguf,
	&format_h5,
	&format_json,
	&format_marks,
	&format_msgpack,
	&format_mxnet,
	&format_npy,
	&format_onnx,
	&format_onnx_tensor,
	&format_ort,
	&format_pickle,
	&format_paddle,
	&format_rdata,
	&format_safetensors,
	&format_skops,
	&format_stream,
	&format_tar,
	&format_template,
	&format_tf,
	&format_tf_text,
	&format_tflite,
	&format_torch7,
	&format_ubjson,
	&format_xml,
	&format_yaml,
	&format_zip,
	NULL,
};
