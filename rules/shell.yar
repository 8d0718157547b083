/* SPDX-License-Identifier: Apache-2.0 */
/* Commands for a shell that no model needs: reverse shells, downloads that are
 * run at once, footholds.  Only where something could run them. */

rule Shell_Reverse_DevTcp
{
	meta:
		id = "shell.reverse-dev-tcp"
		severity = "critical"
		message = "opens a shell to another machine through /dev/tcp"
		reference = "MITRE ATT&CK T1059.004"
	strings:
		$dev = /\/dev\/(tcp|udp)\/[^\s\/"']{1,255}\/[0-9$]/
		$redirect = /[0-9]?(>&|<>|<|>)\s?&?\s?[0-9]?\s?\/dev\/(tcp|udp)\//
		$shell = /\b(ba|z|k|da)?sh\s+-[il]/
	condition:
		active and $dev and ($redirect or $shell)
}

rule Shell_Reverse_Netcat
{
	meta:
		id = "shell.reverse-netcat"
		severity = "critical"
		message = "gives a shell to another machine through netcat"
		reference = "MITRE ATT&CK T1059.004"
	strings:
		$exec = /\b(nc|ncat|netcat|nc\.traditional)\s[^\n;|]{0,120}-[a-z]{0,6}[ec]\s+["']?(\/usr)?(\/bin\/)?(ba|z|da|k)?sh\b/
		$fifo = /mkfifo\s+[^\n]{1,120}\|\s*(\/bin\/)?(ba|z|da|k)?sh\b[^\n]{0,80}\|\s*(nc|ncat|netcat|telnet|openssl)\s/
		$socat = /socat\s[^\n]{0,160}exec:["']?(\/bin\/)?(ba|z|da|k)?sh/ nocase
	condition:
		active and any of them
}

rule Shell_Download_Run
{
	meta:
		id = "shell.download-run"
		severity = "critical"
		message = "downloads a script and runs it at once"
		reference = "MITRE ATT&CK T1105"
	strings:
		$pipe = /\b(curl|wget)\s[^\n|]{0,400}\|\s*(sudo\s+(-[a-zA-Z]+\s+)?)?(\/usr)?(\/bin\/)?((ba|z|da|k)?sh|python[0-9.]{0,5}|perl|ruby|node|php)\b/
		$substitute = /\b(ba|z|da|k)?sh\s+(-c\s+)?["']?(<\(|\$\(|`)\s*(curl|wget)\s/
		$mode = /\b(curl|wget)\s[^\n]{0,400}(&&|;)\s*chmod\s+(\+x|a\+x|u\+x|[0-7]?7[0-7]{2})\s/
	condition:
		active and (format != "text" or member endswith ".py") and
		    any of them
}

rule Shell_PowerShell_Hidden
{
	meta:
		id = "shell.powershell-hidden"
		severity = "critical"
		message = "starts PowerShell with a hidden or downloaded command"
		reference = "MITRE ATT&CK T1059.001"
	strings:
		$encoded = /powershell(\.exe)?["']?\s[^\n]{0,200}-e(c|nc|ncodedcommand)?\s+["']?[A-Za-z0-9+\/=]{32}/ nocase
		$hidden = /powershell(\.exe)?["']?\s[^\n]{0,120}-w(indowstyle)?\s+hidden/ nocase
		$download = /(iex|invoke-expression)[^\n]{0,80}(downloadstring|invoke-webrequest|\biwr\b)/ nocase
		$download2 = /(downloadstring|invoke-webrequest|\biwr\b)[^\n]{0,300}\|\s*(iex|invoke-expression)/ nocase
	condition:
		active and format != "script" and any of them
}

rule Shell_Windows_Loader
{
	meta:
		id = "shell.windows-loader"
		severity = "critical"
		message = "runs remote code through a program of Windows itself"
		reference = "MITRE ATT&CK T1218"
	strings:
		$mshta = /mshta(\.exe)?\s+["']?(https?:|javascript:|vbscript:)/ nocase
		$regsvr = /regsvr32(\.exe)?\s[^\n]{0,80}\/i:https?:/ nocase
		$certutil = /certutil(\.exe)?\s[^\n]{0,80}-(urlcache|decode)\s/ nocase
		$bits = /bitsadmin(\.exe)?\s[^\n]{0,120}\/transfer\s/ nocase
		$rundll = /rundll32(\.exe)?\s+["']?(javascript:|\\\\|https?:)/ nocase
	condition:
		active and any of them
}

rule Shell_Persistence
{
	meta:
		id = "shell.persistence"
		severity = "critical"
		message = "arranges to be run again at login or at a given time"
		reference = "MITRE ATT&CK TA0003"
	strings:
		$crontab = /\|\s*crontab\s+-(\s|$|["'])/
		$cron = />>?\s*["']?\/(etc\/cron\.(d|hourly|daily)\/|etc\/crontab|var\/spool\/cron)/
		$keys = />>\s*["']?(~|\$HOME|\/root|\/home\/[^\/\s]{1,64})\/\.ssh\/authorized_keys/
		$profile = />>\s*["']?(~|\$HOME|\/root|\/home\/[^\/\s]{1,64})\/\.(bashrc|bash_profile|profile|zshrc|bash_login)/
		$unit = />\s*["']?(\/etc|\/usr\/lib|\/lib|~\/\.config)\/systemd\/(system|user)\/[^\s\/]{1,80}\.(service|timer)/
		$preload = />>?\s*["']?\/etc\/ld\.so\.preload/
		$run = /reg(\.exe)?\s+add\s+["']?(hkcu|hklm|hkey_[a-z_]+)\\[^\n]{0,80}currentversion\\run/ nocase
		$task = /schtasks(\.exe)?\s[^\n]{0,40}\/create\s/ nocase
		$launch = /\/Library\/Launch(Agents|Daemons)\/[^\s\/]{1,80}\.plist/
	condition:
		/* Programs for macOS look such files up. */
		active and (format != "text" or member endswith ".py") and
		    any of them and (format != "script" or
		    any of ($crontab, $cron, $keys, $profile, $unit, $preload,
		    $run, $task))
}

rule Shell_Destroys
{
	meta:
		id = "shell.destroys"
		severity = "critical"
		message = "deletes or overwrites the files of the machine"
		reference = "MITRE ATT&CK T1485"
	strings:
		$remove = /\brm\s+(-[a-zA-Z]+\s+){1,3}(--no-preserve-root\s+)?["']?(\/|\/\*|~|~\/|\$HOME)["']?(\s|$|;|&|["'])/
		$disk = /\bdd\s+[^\n]{0,80}of=\/dev\/(sd|nvme|vd|hd|mmcblk)/
		$mkfs = /\bmkfs(\.[a-z0-9]+)?\s+[^\n]{0,40}\/dev\/(sd|nvme|vd|hd|mmcblk)/
		$fork = /:\(\)\s?\{\s?:\|:&\s?\};:/
	condition:
		active and format != "script" and (format != "text" or member endswith ".py") and
		    any of them
}

rule Shell_Encoded_Run
{
	meta:
		id = "shell.encoded-run"
		severity = "critical"
		message = "decodes a hidden command and runs it in a shell"
		reference = "MITRE ATT&CK T1027"
	strings:
		$pipe = /\bbase64\s+(-d|-D|--decode)\b[^\n|]{0,80}\|\s*(sudo\s+)?(\/usr)?(\/bin\/)?((ba|z|da|k)?sh|python[0-9.]{0,5}|perl)\b/
		$xxd = /\bxxd\s+-r\b[^\n|]{0,40}\|\s*(\/bin\/)?(ba|z|da|k)?sh\b/
		$eval = /\beval\s+["']?(\$\(|`)[^\n]{0,400}\bbase64\s+(-d|-D|--decode)\b/
		$openssl = /\bopenssl\s+(enc\s+)?(-?base64|-a)\s+-d\b[^\n|]{0,80}\|\s*(ba|z|da|k)?sh\b/
	condition:
		active and format != "script" and any of them
}
