# Floor 3: format, walkers of containers.  May include base, byte, model,
# pycode.
noinst_LIBRARIES += libformat.a
libformat_a_SOURCES = \
	src/format/arrow.c \
	src/format/base64.c src/format/base64.h \
	src/format/extents.c src/format/extents.h \
	src/format/flatbuffer.c src/format/flatbuffer.h \
	src/format/formats.h \
	src/format/gguf.c \
	src/format/gguf_data.c src/format/gguf_data.h \
	src/format/h5.c \
	src/format/h5_data.c \
	src/format/h5_dense.c \
	src/format/h5_file.c src/format/h5_file.h \
	src/format/h5_heap.c \
	src/format/h5_search.c \
	src/format/hidden.c src/format/hidden.h \
	src/format/jinja.c src/format/jinja.h \
	src/format/jinja_expr.c src/format/jinja_inside.h \
	src/format/jinja_grammar.c src/format/jinja_grammar.h \
	src/format/jinja_line.c \
	src/format/jinja_lex.c src/format/jinja_lex.h \
	src/format/jinja_value.c src/format/jinja_value.h \
	src/format/jinja_word.c src/format/jinja_word.h \
	src/format/json.c \
	src/format/json_inside.h \
	src/format/json_pull.c src/format/json_pull.h \
	src/format/json_string.c \
	src/format/keras.c src/format/keras.h \
	src/format/onnx.c \
	src/format/path.c src/format/path.h \
	src/format/protobuf.c src/format/protobuf.h \
	src/format/safetensors.c \
	src/format/template.c \
	src/format/tf.c \
	src/format/tf_op.c src/format/tf_op.h \
	src/format/tf_text.c \
	src/format/onnx_op.c src/format/onnx_op.h \
	src/format/ort.c \
	src/format/tflite.c

format_test_ldadd = libformat.a libpycode.a libmodel.a libbyte.a libbase.a \
	$(ARCHIVE_LIBS) $(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_format_json
tests_unit_test_format_json_SOURCES = tests/unit/test_format_json.c
tests_unit_test_format_json_LDADD = $(format_test_ldadd)

check_PROGRAMS += tests/unit/test_format_jinja
tests_unit_test_format_jinja_SOURCES = tests/unit/test_format_jinja.c \
	tests/unit/format_fakes.h
tests_unit_test_format_jinja_LDADD = $(format_test_ldadd)

# One line for each file: verdict, format, bytes read, size, findings, path.
noinst_PROGRAMS += tests/format/judge
tests_format_judge_SOURCES = tests/format/judge.c
tests_format_judge_LDADD = $(engine_libs)
EXTRA_DIST += \
	tests/samples/format_gguf.py \
	tests/samples/format_h5.py \
	tests/samples/format_keras.py \
	tests/samples/format_onnx.py \
	tests/samples/format_safetensors.py \
	tests/samples/format_chance.py \
	tests/samples/format_template.py \
	tests/samples/format_arrow.py \
	tests/samples/format_tf.py \
	tests/samples/format_ort.py \
	tests/samples/format_tflite.py \
	tests/samples/protobuf_text.py

# zip, and torch's files, which are zips.
libformat_a_SOURCES += \
	src/format/torch_zip.c src/format/torch_zip.h \
	src/format/zip.c \
	src/format/zip_dir.c src/format/zip_dir.h \
	src/format/zip_end.c \
	src/format/zip_judge.c \
	src/format/zip_local.c \
	src/format/zip_member.c \
	src/format/zip_members.c \
	src/format/zip_priv.h \
	src/format/zip_walk.h
check_PROGRAMS += tests/unit/test_format_zip
tests_unit_test_format_zip_SOURCES = tests/unit/test_format_zip.c \
	tests/unit/container_fakes.h tests/unit/zip_rows.def
tests_unit_test_format_zip_LDADD = $(format_test_ldadd)
check_PROGRAMS += tests/unit/test_format_zip_ends
tests_unit_test_format_zip_ends_SOURCES = \
	tests/unit/test_format_zip_ends.c tests/unit/container_fakes.h \
	tests/unit/zip_maker.h
tests_unit_test_format_zip_ends_LDADD = $(format_test_ldadd)
# libzip is the oracle of this test and no part of a program.
check_PROGRAMS += tests/unit/test_format_zip_dir
tests_unit_test_format_zip_dir_SOURCES = \
	tests/unit/test_format_zip_dir.c tests/unit/container_fakes.h \
	tests/unit/zip_maker.h
tests_unit_test_format_zip_dir_LDADD = $(format_test_ldadd) $(ZIP_LIBS)
EXTRA_DIST += tests/samples/gen_zip.py
fuzz_harnesses += tests/fuzz/fuzz_zip
tests_fuzz_fuzz_zip_SOURCES = tests/fuzz/fuzz_zip.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_zip_LDADD = $(format_fuzz_ldadd)
dist_doc_DATA += docs/formats.md


# Archives that libarchive unpacks; configurations.
libformat_a_CPPFLAGS = $(AM_CPPFLAGS) $(ARCHIVE_CFLAGS)
libformat_a_SOURCES += \
	src/format/archive.c src/format/archive.h \
	src/format/target.c src/format/target.h \
	src/format/utext.c src/format/utext.h \
	src/format/yaml.c \
	src/format/yaml_inside.h \
	src/format/yaml_scalar.c \
	src/format/yaml_scan.c src/format/yaml_scan.h
EXTRA_DIST += tests/samples/format_archive.py tests/samples/format_yaml.py

fuzz_harnesses += tests/fuzz/fuzz_archive
tests_fuzz_fuzz_archive_SOURCES = tests/fuzz/fuzz_archive.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_archive_LDADD = $(format_fuzz_ldadd)

fuzz_harnesses += tests/fuzz/fuzz_yaml
tests_fuzz_fuzz_yaml_SOURCES = tests/fuzz/fuzz_yaml.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_yaml_LDADD = $(format_fuzz_ldadd)

# R, Lua Torch, XML.
libformat_a_SOURCES += \
	src/format/rdata.c \
	src/format/rdata_item.c src/format/rdata_item.h \
	src/format/rdata_number.c \
	src/format/torch7.c \
	src/format/xml.c
EXTRA_DIST += tests/samples/format_rdata.py tests/samples/format_torch7.py \
	tests/samples/format_xml.py
fuzz_harnesses += tests/fuzz/fuzz_rdata
tests_fuzz_fuzz_rdata_SOURCES = tests/fuzz/fuzz_rdata.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_rdata_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_torch7
tests_fuzz_fuzz_torch7_SOURCES = tests/fuzz/fuzz_torch7.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_torch7_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_xml
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_xml_LDADD = $(format_fuzz_ldadd)

# What has no code, and what is not parsed.
libformat_a_SOURCES += \
	src/format/marks.c \
	src/format/msgpack.c \
	src/format/skops.c \
	src/format/ubjson.c
EXTRA_DIST += tests/samples/format_others.py tests/samples/format_models.py
fuzz_harnesses += tests/fuzz/fuzz_marks
tests_fuzz_fuzz_marks_SOURCES = tests/fuzz/fuzz_marks.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_marks_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_msgpack
tests_fuzz_fuzz_msgpack_SOURCES = tests/fuzz/fuzz_msgpack.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_msgpack_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_skops
tests_fuzz_fuzz_skops_SOURCES = tests/fuzz/fuzz_skops.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_skops_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_ubjson
tests_fuzz_fuzz_ubjson_SOURCES = tests/fuzz/fuzz_ubjson.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_ubjson_LDADD = $(format_fuzz_ldadd)

# Graphs of others.
libformat_a_SOURCES += \
	src/format/coreml.c \
	src/format/mxnet.c \
	src/format/paddle.c
fuzz_harnesses += tests/fuzz/fuzz_coreml
tests_fuzz_fuzz_coreml_SOURCES = tests/fuzz/fuzz_coreml.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_coreml_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_mxnet
tests_fuzz_fuzz_mxnet_SOURCES = tests/fuzz/fuzz_mxnet.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_mxnet_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_paddle
tests_fuzz_fuzz_paddle_SOURCES = tests/fuzz/fuzz_paddle.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_paddle_LDADD = $(format_fuzz_ldadd)

# Compressed files, arrays, tar.
libformat_a_SOURCES += \
	src/format/npy.c \
	src/format/npy_header.c src/format/npy_header.h \
	src/format/sealed.c src/format/sealed.h \
	src/format/script.c src/format/script.h \
	src/format/spool.c src/format/spool.h \
	src/format/stream.c \
	src/format/tar.c \
	src/format/tar_entry.c src/format/tar_entry.h
check_PROGRAMS += tests/unit/test_format_packed
tests_unit_test_format_packed_SOURCES = tests/unit/test_format_packed.c \
	tests/unit/container_fakes.h tests/unit/packed_rows.def
tests_unit_test_format_packed_LDADD = $(format_test_ldadd)
EXTRA_DIST += tests/samples/gen_packed.py
fuzz_harnesses += tests/fuzz/fuzz_stream
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_stream.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_stream_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_npy
tests_fuzz_fuzz_npy_SOURCES = tests/fuzz/fuzz_npy.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_npy_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_tar
tests_fuzz_fuzz_tar_SOURCES = tests/fuzz/fuzz_tar.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_tar_LDADD = $(format_fuzz_ldadd)
