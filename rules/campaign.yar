/* SPDX-License-Identifier: Apache-2.0 */
/* Traits of attacks that were seen in the wild, in models and in packages
 * beside them. */

rule Campaign_Model_Shells
{
	meta:
		id = "campaign.model-shells"
		severity = "critical"
		message = "names a machine that shells in uploaded models called home to"
		reference = "JFrog, malicious models on Hugging Face, 2024; ReversingLabs, nullifAI, 2025"
	strings:
		$baller = "210.117.212.93"
		$nullifai = "107.173.7.141"
		$star = "136.243.156.120"
	condition:
		active and any of them
}

rule Campaign_Ransom_Note
{
	meta:
		id = "campaign.ransom-note"
		severity = "critical"
		message = "carries the note of a ransom"
		reference = "MITRE ATT&CK T1486"
	strings:
		$note = /\b(all )?(of )?your (important )?(files|data|documents)[^\n]{0,60} (have been|are|were) (now )?encrypted/ nocase
		$pay = /\b(bitcoins?|btc|monero|xmr)\b/ nocase
		$onion = /\b[a-z2-7]{56}\.onion\b/
		$recover = /\b(decrypt(ion|or)?|recover)\b[^\n]{0,80}\b(key|tool|your files)\b/ nocase
	condition:
		active and $note and ($onion or ($pay and $recover))
}

rule Campaign_Hidden_Service
{
	meta:
		id = "campaign.hidden-service"
		severity = "high"
		verdict = "suspicious"
		message = "names a hidden service of the Tor network"
		reference = "MITRE ATT&CK T1090.003"
	strings:
		$onion = /[\/.@"' ][a-z2-7]{56}\.onion\b/
	condition:
		active and $onion
}

rule Campaign_Spies
{
	meta:
		id = "campaign.spies"
		severity = "critical"
		message = "records keys or the screen and sends them"
		reference = "MITRE ATT&CK T1056.001"
	strings:
		$keys = /\b(pynput\.keyboard|keyboard\.Listener\s*\(|GetAsyncKeyState|SetWindowsHookEx[AW]?)\b/
		$screen = /\b(ImageGrab\.grab\s*\(|pyautogui\.screenshot\s*\(|mss\.mss\s*\()/
		$send = /\b(requests\s*\.\s*post|smtplib\.SMTP|urlopen|\.sendall)\s*\(/
	condition:
		active and ($keys or $screen) and $send
}
