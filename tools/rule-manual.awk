# SPDX-License-Identifier: Apache-2.0
# rule-manual: the pages of docs/rules as one manual, mdoc(7).
function text(line) {
	gsub(/\\/, "\\e", line)
	gsub(/\*\*/, "", line)
	while (match(line, /`[^`]*`/))
		line = substr(line, 1, RSTART - 1) "\\fB" \
			substr(line, RSTART + 1, RLENGTH - 2) "\\fR" \
			substr(line, RSTART + RLENGTH)
	sub(/ +$/, "", line)
	if (line ~ /^[.']/)
		line = "\\&" line
	return line
}
BEGIN {
	print ".\\\" SPDX-License-Identifier: Apache-2.0"
	print ".\\\" Made of docs/rules by tools/rule-manual.awk."
	print ".Dd November 24, 2026\n.Dt CKPTGUARD-FINDINGS 7\n.Os"
	print ".Sh NAME\n.Nm ckptguard-findings"
	print ".Nd what each finding of ckptguard means\n.Sh DESCRIPTION"
	print "What"
	print ".Xr ckptguard-scan 1"
	print "and the guard find has a name, in the order below, and is found"
	print "in files that mean harm and, rarely, in others."
	print ".Ic ckptguard rules explain Ar name"
	print "prints the same."
}
/^# / { print ".Sh " toupper(text(substr($0, 3))); next }
/^## / { print ".Ss " text($2); gap = 0; begun = 0; next }
/^$/ { gap = begun; next }
begun || NF {
	if (gap)
		print ".Pp"
	gap = 0
	begun = 1
	print text($0)
}
END {
	print ".Sh SEE ALSO\n.Xr ckptguard 1 ,\n.Xr ckptguard-explain 1 ,"
	print ".Xr ckptguard-rules 1"
}
