# SPDX-License-Identifier: Apache-2.0
# text-bytes: a file of ASCII as the inside of a C array, a line each: a string
# literal could be too long for a compiler that keeps to the standard.
BEGIN {
	for (i = 1; i < 128; i++)
		code[sprintf("%c", i)] = i
}
{
	row = ""
	for (i = 1; i <= length($0); i++)
		row = row code[substr($0, i, 1)] ","
	print row "10,"
}
