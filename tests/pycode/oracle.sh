#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pycode sees every name and constant that Python put into a code object.
# PYTHONS="python3.8 python2.7 ..." tries other versions as well.
set -eu
exec "${PYTHON:-python3}" "${srcdir:-.}/tests/pycode/oracle.py" \
	./tests/pycode/facts
