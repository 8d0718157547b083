/* SPDX-License-Identifier: Apache-2.0 */
/* formats: the walkers of this room, for engine/table.c. */
#ifndef FORMAT_FORMATS_H
#define FORMAT_FORMATS_H

#include "model/format.h"

extern const struct format format_archive;
extern const struct format format_arrow;
extern const struct format format_coreml;
extern const struct format format_gguf;
extern const struct format format_h5;
extern const struct format format_json;
extern const struct format format_marks;
extern const struct format format_msgpack;
extern const struct format format_mxnet;
extern const struct format format_npy;
extern const struct format format_onnx;
extern const struct format format_onnx_tensor;
extern const struct format format_ort;
extern const struct format format_paddle;
extern const struct format format_rdata;
extern const struct format format_safetensors;
extern const struct format format_skops;
extern const struct format format_stream;
extern const struct format format_tar;
extern const struct format format_template;
extern const struct format format_tf;
extern const struct format format_tf_text;
extern const struct format format_tflite;
extern const struct format format_torch7;
extern const struct format format_ubjson;
extern const struct format format_xml;
extern const struct format format_yaml;
extern const struct format format_zip;

#endif /* FORMAT_FORMATS_H */
