/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled Python where it has no business: marshalled code that names what
 * starts programs, and whole modules. */

rule Bytecode_Runs_Programs
{
	meta:
		id = "bytecode.runs-programs"
		severity = "critical"
		message = "carries compiled Python that starts programs"
		reference = "CPython Python/marshal.c; MITRE ATT&CK T1059.006"
	strings:
		/* short ASCII names as marshal writes them, interned or not: no text
		 * has their lengths in front */
		$os = { ( 5A | DA | 7A | FA ) 02 6F 73 }
		$system = { ( 5A | DA | 7A | FA ) 06 73 79 73 74 65 6D }
		$popen = { ( 5A | DA | 7A | FA ) 05 ( 70 | 50 ) 6F 70 65 6E }
		$subprocess = { ( 5A | DA | 7A | FA ) 0A 73 75 62 70 72 6F 63 65 73 73 }
		$call = { ( 5A | DA | 7A | FA ) ( 03 72 75 6E | 04 63 61 6C 6C | 0C 63 68 65 63 6B 5F 6F 75 74 70 75 74 ) }
	condition:
		active and (($os and ($system or $popen)) or
		    ($subprocess and ($popen or $call)))
}

rule Bytecode_Shell_On_Socket
{
	meta:
		id = "bytecode.shell-on-socket"
		severity = "critical"
		message = "carries compiled Python that connects a shell to a socket"
		reference = "MITRE ATT&CK T1059.006"
	strings:
		$socket = { ( 5A | DA | 7A | FA ) 06 73 6F 63 6B 65 74 }
		$connect = { ( 5A | DA | 7A | FA ) 07 63 6F 6E 6E 65 63 74 }
		$dup = { ( 5A | DA | 7A | FA ) 04 64 75 70 32 }
		$pty = { ( 5A | DA | 7A | FA ) 03 70 74 79 }
	condition:
		active and $socket and $connect and ($dup or $pty)
}

rule Bytecode_Module
{
	meta:
		id = "bytecode.module"
		severity = "medium"
		message = "carries a compiled Python module inside a pickle"
		reference = "PEP 552"
	strings:
		/* a magic of 3.3 to 3.14, flags 0 to 3, time and size or hash, code */
		$pyc = { ( 9E | ED | EE | EF | F0 | F8 | 16 | 17 | 33 | 42 | 55 | 61 | 6F | A7 | CB | F3 | 2B ) ( 0C | 0D | 0E ) 0D 0A ( 00 | 01 | 02 | 03 ) 00 00 00 [8] ( E3 | 63 ) 00 00 00 00 }
	condition:
		active and format matches /pickle|joblib|torch-legacy/ and $pyc
}
