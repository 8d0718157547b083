# SPDX-License-Identifier: Apache-2.0
# rule-pages: the pages of docs/rules as rows of a C table, which out/pages.c
# includes.  A page is what stands below a heading "## id".
function flush() {
	if (id == "")
		return
	sub(/\n+$/, "", text)
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t  \"", text)
	printf "\t{ \"%s\",\n\t  \"%s\\n\" },\n", id, text
	id = ""
}
FNR == 1 { flush() }
/^## / { flush(); id = $2; text = ""; next }
/^# / { next }
id != "" && (text != "" || $0 != "") { text = text $0 "\n" }
END { flush() }
