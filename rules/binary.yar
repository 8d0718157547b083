/* SPDX-License-Identifier: Apache-2.0 */
/* Programs inside what should be data.  Headers are checked as a loader would
 * check them: four letters alone are chance. */

rule Binary_Elf
{
	meta:
		id = "binary.elf"
		severity = "high"
		verdict = "suspicious"
		message = "carries a program or library for Linux"
		reference = "System V ABI, chapter 4"
	strings:
		/* class, data, version; type EXEC or DYN; a machine that people
		 * have (not a GPU's code, which models carry honestly); version */
		$little64 = { 7F 45 4C 46 02 01 01 [9] ( 02 | 03 ) 00 ( 3E | B7 | F3 | 15 | 02 ) ( 00 | 01 ) 01 00 00 00 [28] 40 00 38 00 }
		$little32 = { 7F 45 4C 46 01 01 01 [9] ( 02 | 03 ) 00 ( 03 | 28 | 08 | F3 ) 00 01 00 00 00 [16] 34 00 20 00 }
		$big64 = { 7F 45 4C 46 02 02 01 [9] 00 ( 02 | 03 ) 00 ( 15 | 16 | 02 | 2B ) 00 00 00 01 [28] 00 40 00 38 }
	condition:
		any of them
}

rule Binary_Pe
{
	meta:
		id = "binary.pe"
		severity = "high"
		verdict = "suspicious"
		message = "carries a program or library for Windows"
		reference = "Microsoft PE and COFF specification"
	strings:
		$mz = { 4D 5A [58] ?? ?? 00 00 }
	condition:
		for any i in (1..#mz): (
			uint32(@mz[i] + 0x3C) >= 0x40 and
			uint32(@mz[i] + 0x3C) < 0x1000 and
			uint32(@mz[i] + uint32(@mz[i] + 0x3C)) == 0x00004550 and
			(uint16(@mz[i] + uint32(@mz[i] + 0x3C) + 24) == 0x010B or
			uint16(@mz[i] + uint32(@mz[i] + 0x3C) + 24) == 0x020B)
		)
}

rule Binary_MachO
{
	meta:
		id = "binary.mach-o"
		severity = "high"
		verdict = "suspicious"
		message = "carries a program or library for macOS"
		reference = "Apple mach-o/loader.h"
	strings:
		/* magic, CPU (x86-64 or ARM64), subtype, file type 1 to 11 */
		$thin = { CF FA ED FE ( 07 | 0C ) 00 00 01 [4] ( 01 | 02 | 06 | 07 | 08 ) 00 00 00 }
		$fat = { CA FE BA BE 00 00 00 ( 01 | 02 | 03 | 04 ) 01 00 00 ( 07 | 0C ) }
	condition:
		any of them
}

rule Binary_Script_Dropped
{
	meta:
		id = "binary.script-dropped"
		severity = "high"
		verdict = "suspicious"
		message = "carries a shell or Python script with its interpreter's line"
		reference = "execve(2)"
	strings:
		$shebang = /#!\s?\/(usr\/)?(local\/)?bin\/(env\s+)?((ba|z|da|k)?sh|python[0-9.]{0,5}|perl|ruby)\b[^\n]{0,40}\n/
	condition:
		active and format != "text" and format != "script" and $shebang
}
