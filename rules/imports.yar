/* SPDX-License-Identifier: Apache-2.0 */
/* What the imports of one stream mean together.  Each alone is judged by the
 * import policy; these say what the whole is for.  "active" stands first: with
 * nothing but known constructors there is nothing to compare. */

rule Imports_Network_And_Process
{
	meta:
		id = "imports.network-and-process"
		severity = "critical"
		message = "names both network and process functions: what a remote shell is made of"
		reference = "MITRE ATT&CK T1059.006"
	condition:
		active and imports matches /(^|\n)(socket|_socket|ssl|_ssl|asyncio|requests|httpx|aiohttp|urllib[23]?|http\.client|httplib|ftplib|telnetlib|smtplib|paramiko|websockets?)\./ and
		imports matches /(^|\n)(os|posix|nt|subprocess|_posixsubprocess|pty|commands|popen2|multiprocessing)\.(system|popen|exec|spawn|fork|posix_spawn|dup2|Popen|call|run|check_|getoutput|getstatusoutput|Process|_spawn)/
}

rule Imports_Decode_And_Run
{
	meta:
		id = "imports.decode-and-run"
		severity = "critical"
		message = "names both a decoder and exec or eval: it hides what it runs"
		reference = "MITRE ATT&CK T1027"
	condition:
		active and imports matches /(^|\n)(base64|binascii|zlib|bz2|lzma|gzip|marshal|_codecs|codecs)\./ and
		imports matches /(^|\n)(builtins|__builtin__|__builtins__)\.(exec|eval|compile|execfile|__import__)\n/
}

rule Imports_Download_And_Write
{
	meta:
		id = "imports.download-and-write"
		severity = "critical"
		message = "names functions that download and that write or run files"
		reference = "MITRE ATT&CK T1105"
	condition:
		active and imports matches /(^|\n)(urllib\.request|urllib2?|requests|requests\.api|httpx|aiohttp)\.(urlopen|urlretrieve|get|post|request|Session|FancyURLopener|URLopener)/ and
		imports matches /(^|\n)((builtins|__builtin__|io|_io|codecs)\.(open|exec|eval)|pathlib\.(Path|PosixPath)\.write|os\.(chmod|rename|replace|system|popen|exec)|posix\.|subprocess\.)/
}

rule Imports_Native_Code
{
	meta:
		id = "imports.native-code"
		severity = "critical"
		message = "names ctypes with memory or library functions: it loads machine code"
		reference = "MITRE ATT&CK T1106"
	condition:
		active and imports matches /(^|\n)_?ctypes(\.util)?\.(CDLL|PyDLL|WinDLL|OleDLL|cdll|windll|pydll|oledll|CFUNCTYPE|memmove|dlopen|LoadLibrary|_dlopen)/
}

rule Imports_Attribute_Ladder
{
	meta:
		id = "imports.attribute-ladder"
		severity = "high"
		message = "fetches attributes by name and calls what it finds, around every list of names"
		reference = "fickling bypasses with getattr and operator"
	condition:
		active and imports matches /(^|\n)((builtins|__builtin__)\.getattr|operator\.(attrgetter|methodcaller|itemgetter)|_operator\.(attrgetter|methodcaller)|inspect\.getattr_static)\n/ and
		imports matches /(^|\n)((builtins|__builtin__)\.(globals|locals|vars|__import__|__dict__)|importlib\.(import_module|__import__)|sys\.modules|types\.(FunctionType|CodeType))\n/
}

rule Imports_Switches_Guard_Off
{
	meta:
		id = "imports.switches-guard-off"
		severity = "critical"
		message = "names functions of a scanner or of a loader's safety switch"
		reference = "CVE-2025-9906"
	condition:
		active and (imports matches /(^|\n)(picklescan|modelscan|fickling|modelaudit|ckptguard)\./ or
		imports matches /(^|\n)(keras|tf_keras|tensorflow\.keras|keras\.src)(\.[a-z_]+)*\.(enable_unsafe_deserialization)\n/ or
		imports matches /(^|\n)torch\.serialization\.(add_safe_globals|clear_safe_globals|_?set_default_load_endianness|skip_data)\n/)
}
