/* SPDX-License-Identifier: Apache-2.0 */
/* Python source that travels as text: decoders that end in exec, shells on a
 * socket, ways around a restricted interpreter. */

rule Python_Exec_Decoded
{
	meta:
		id = "python.exec-decoded"
		severity = "critical"
		message = "decodes hidden text and runs it as Python"
		reference = "MITRE ATT&CK T1027"
	strings:
		$direct = /\b(exec|eval)\s*\(\s*[^\n#]{0,200}(b64decode|b32decode|b16decode|b85decode|a85decode|unhexlify|fromhex|zlib\.decompress|bz2\.decompress|lzma\.decompress|gzip\.decompress|codecs\.decode|rot_?13|marshal\.loads|\[::-1\])/
		$compile = /\bexec\s*\(\s*compile\s*\([^\n]{0,200}(b64decode|decompress|unhexlify|fromhex|marshal)/
		$imported = /__import__\s*\(\s*["'](base64|zlib|marshal|codecs|binascii)["']\s*\)\s*\.\s*[a-z0-9_]+\s*\([^\n]{0,40}/
		$run = /\b(exec|eval)\s*\(/
	condition:
		active and ($direct or $compile or ($imported and $run))
}

rule Python_Reverse_Shell
{
	meta:
		id = "python.reverse-shell"
		severity = "critical"
		message = "connects a shell to a socket"
		reference = "MITRE ATT&CK T1059.006"
	strings:
		$socket = /\bsocket\s*\(\s*(socket\.)?AF_INET6?\b/
		$connect = /\.connect(_ex)?\s*\(\s*\(/
		$dup = /\bdup2\s*\([^\n]{0,60}fileno\s*\(\s*\)/
		$pty = /\bpty\s*\.\s*spawn\s*\(/
		$shell = /\b(call|Popen|run|system|popen|check_output)\s*\(\s*\[?\s*["'](\/bin\/)?(ba|z|da|k)?sh\b/
	condition:
		active and format != "script" and ($dup or ($pty and ($socket or $connect))
		    or ($socket and $connect and $shell))
}

rule Python_Download_Run
{
	meta:
		id = "python.download-run"
		severity = "critical"
		message = "downloads Python or a program and runs it"
		reference = "MITRE ATT&CK T1105"
	strings:
		$exec = /\b(exec|eval)\s*\(\s*[^\n#]{0,120}(urlopen|requests\s*\.\s*get|httpx\s*\.\s*get|urllib\.request)/
		$get = /\b(urlretrieve|urlopen)\s*\(\s*["'](https?|ftp):/
		$get2 = /\brequests\s*\.\s*get\s*\(\s*["']https?:/
		$run = /\bos\s*\.\s*(system|popen|exec[vl]p?e?|spawn[vl]p?e?)\s*\(/
		$run2 = /\bsubprocess\s*\.\s*(Popen|call|run|check_call|check_output)\s*\(/
		$chmod = /\bos\s*\.\s*chmod\s*\(/
	condition:
		active and ($exec or
		    (any of ($get*) and $chmod and any of ($run*)))
}

rule Python_Import_Hidden
{
	meta:
		id = "python.import-hidden"
		severity = "critical"
		message = "imports a module of processes or sockets inside an expression"
		reference = "MITRE ATT&CK T1059.006"
	strings:
		$import = /__import__\s*\(\s*["'](os|posix|nt|subprocess|pty|socket|ctypes|shutil|importlib)["']\s*\)/
		$getattr = /getattr\s*\(\s*__import__\s*\(/
		$importlib = /importlib\s*\.\s*import_module\s*\(\s*["'](os|posix|nt|subprocess|pty|socket|ctypes)["']\s*\)\s*\./
		$builtins = /__builtins__\s*(\.|\[\s*["'])\s*(__import__|exec|eval|open|compile)\b/
	condition:
		active and format != "script" and
		    (format != "text" or #import > 2 or $getattr or
		    $builtins) and any of them
}

rule Python_Sandbox_Escape
{
	meta:
		id = "python.sandbox-escape"
		severity = "critical"
		message = "climbs from an object to every class of the interpreter"
		reference = "CVE-2024-34359"
	strings:
		$climb = /__(class|mro|bases?)__\s*(\[[^\]\n]{0,20}\])?\s*\.?\s*(__mro__|__bases?__|mro\s*\(\s*\))?[^\n]{0,60}__subclasses__\s*\(/
		$globals = /__init__\s*\.\s*__globals__\s*(\[|\.)/
		$jinja = /((cycler|joiner|lipsum)\s*\.\s*__(init|globals|class)__|_TemplateReference__)/
	condition:
		/* a template runs by itself, a string in a pickle does not */
		format != "script" and any of them and
		    (active or not format matches /pickle|torch|joblib|np[yz]/)
}

rule Python_Overwrites_Loader
{
	meta:
		id = "python.overwrites-loader"
		severity = "high"
		verdict = "suspicious"
		message = "replaces the functions that load or check models"
		reference = "Trail of Bits, Sleepy Pickle, 2024"
	strings:
		$assign = /\b(torch\.load|torch\.nn\.Module\.(forward|__call__)|pickle\.(load|loads|Unpickler)|picklescan\.[a-z_.]+)\s*=[^=]/
		$builtins = /\bbuiltins\.(open|exec|__import__)\s*=[^=]/
		$setattr = /\bsetattr\s*\(\s*(torch|pickle|builtins|torch\.nn\.Module)\s*,\s*["'](load|loads|forward|__call__|open|exec|__import__)["']/
	condition:
		/* Source in an archive may have sandboxes of its own. */
		active and format != "script" and ($assign or $setattr or
		    (format != "text" and $builtins))
}

rule Python_Native_Code
{
	meta:
		id = "python.native-code"
		severity = "critical"
		message = "writes machine code into memory and jumps to it"
		reference = "MITRE ATT&CK T1055"
	strings:
		$ctypes = /\bctypes\s*\.\s*(CFUNCTYPE|CDLL|windll|memmove|pythonapi|cast)\b/
		$map = /\b(VirtualAlloc(Ex)?|VirtualProtect(Ex)?|WriteProcessMemory|CreateRemoteThread|PROT_EXEC|NtMapViewOfSection)\b/
		$mmap = /\bmmap\s*\.\s*PROT_EXEC\b/
	condition:
		active and $ctypes and ($map or $mmap)
}

rule Python_Obfuscated
{
	meta:
		id = "python.obfuscated"
		severity = "critical"
		message = "spells out Python letter by letter and runs it"
		reference = "MITRE ATT&CK T1027"
	strings:
		$map = /\b(exec|eval)\s*\(\s*["']{2}\.join\s*\(\s*(map\s*\(\s*chr\b|\[?\s*chr\s*\()/
		$chr = /\b(exec|eval)\s*\(\s*chr\s*\(\s*[0-9]{1,3}\s*\)\s*\+\s*chr\s*\(/
		$getattr = /getattr\s*\(\s*(__builtins__|builtins|__import__\s*\([^)\n]{1,40}\))\s*,\s*["'](\\x[0-9a-fA-F]{2}){2}/
		$builtins = /__builtins__\s*\[\s*["'](\\x[0-9a-fA-F]{2}){2}/
		$reverse = /\b(exec|eval)\s*\(\s*["'][^"'\n]{8,400}["']\s*\[\s*::\s*-1\s*\]/
	condition:
		active and any of them
}

rule Python_Persistence
{
	meta:
		id = "python.persistence"
		severity = "critical"
		message = "writes where Python or a shell runs it again at each start"
		reference = "MITRE ATT&CK T1546"
	strings:
		$site = /open\s*\([^\n]{0,120}(sitecustomize|usercustomize)\.py["'][^\n]{0,12}["'][wa]/
		$pth = /open\s*\([^\n]{0,120}site-packages[^\n]{0,60}\.pth["'][^\n]{0,12}["'][wa]/
		$shell = /open\s*\([^\n]{0,80}\.(bashrc|zshrc|profile|bash_profile)["'][^\n]{0,12}["']a/
		$keys = /open\s*\([^\n]{0,80}\.ssh\/authorized_keys["'][^\n]{0,12}["'][wa]/
		$cron = /open\s*\([^\n]{0,40}\/etc\/cron[^\n]{0,60}["'][^\n]{0,6}["'][wa]/
	condition:
		/* Build tools write such a file into a directory of their own. */
		active and (any of ($pth, $shell, $keys, $cron) or
		    (format != "script" and $site))
}
