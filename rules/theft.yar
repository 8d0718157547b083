/* SPDX-License-Identifier: Apache-2.0 */
/* What a model has no business with: keys, tokens, wallets, and the places
 * where thieves have them sent. */

rule Theft_Credential_Files
{
	meta:
		id = "theft.credential-files"
		severity = "critical"
		message = "reads the files in which keys and passwords are kept"
		reference = "MITRE ATT&CK T1552.001"
	strings:
		$ssh = /\.ssh\/(id_(rsa|dsa|ecdsa|ed25519)|identity)\b/
		$aws = ".aws/credentials"
		$gcloud = /\.config\/gcloud\/(credentials\.db|application_default_credentials\.json|access_tokens\.db)/
		$azure = /\.azure\/(accessTokens|msal_token_cache|azureProfile)\.(json|bin)/
		$kube = ".kube/config"
		$docker = ".docker/config.json"
		$netrc = /(~|\$HOME|\/root|\/home\/[^\/\s]{1,64}|expanduser\([^\n]{0,12})\/?\.netrc\b/
		$git = ".git-credentials"
		$hf = /\.(cache\/)?huggingface\/(token|stored_tokens)\b/
		$shadow = "/etc/shadow"
		$gnupg = /\.gnupg\/(private-keys|secring)/
		$pypi = /(~|\$HOME|\/root|\/home\/[^\/\s]{1,64})\/\.pypirc\b/
		$env = /\/proc\/(self|[0-9]{1,7})\/environ\b/
	condition:
		/* One name alone is what tools that honestly use the file have,
		 * when they lie in an archive as source. */
		active and format != "script" and
		    (2 of them or (format != "text" and any of them))
}

rule Theft_Browser_Data
{
	meta:
		id = "theft.browser-data"
		severity = "critical"
		message = "reads passwords or cookies that a browser keeps"
		reference = "MITRE ATT&CK T1555.003"
	strings:
		$chrome = /(Chrome|Chromium|BraveSoftware|Edge|Opera Software|Vivaldi)[\\\/][^\n]{0,120}(Login Data|Cookies|Web Data|Local State)\b/
		$firefox = /(logins\.json|key[34]\.db|cookies\.sqlite)\b/
		$profile = /(\.mozilla[\\\/]firefox|Mozilla[\\\/]Firefox[\\\/]Profiles)/
		$dpapi = "CryptUnprotectData"
		$discord = /discord(canary|ptb)?[\\\/]Local Storage[\\\/]leveldb/ nocase
	condition:
		active and format != "script" and ($chrome or $dpapi or $discord or
		    ($firefox and $profile))
}

rule Theft_Wallets
{
	meta:
		id = "theft.wallets"
		severity = "critical"
		message = "looks for the wallets of crypto currencies"
		reference = "MITRE ATT&CK T1005"
	strings:
		$core = /\.?(bitcoin|litecoin|dogecoin|dash|zcash|monero)[\\\/][^\n]{0,60}wallet(s|\.dat|\.keys)\b/ nocase
		$electrum = /\.?electrum(-ltc)?[\\\/]wallets\b/ nocase
		$exodus = /Exodus[\\\/]exodus\.wallet/ nocase
		$ethereum = /\.?ethereum[\\\/]keystore\b/ nocase
		$solana = ".config/solana/id.json"
		$metamask = "nkbihfbeogaeaoehlefnkodbefgpgknn"
		$phantom = "bfnaelmomeimhlpmgjnjophhpkkoljpa"
		$atomic = /atomic[\\\/]Local Storage[\\\/]leveldb/ nocase
	condition:
		active and any of them
}

rule Theft_Drop_Channel
{
	meta:
		id = "theft.drop-channel"
		severity = "critical"
		message = "talks to a service that thieves have data sent to"
		reference = "MITRE ATT&CK T1567"
	strings:
		$discord = /https?:\/\/(canary\.|ptb\.)?discord(app)?\.com\/api\/(v[0-9]{1,2}\/)?webhooks\/[0-9]{5}/
		$telegram = /api\.telegram\.org\/bot[0-9]{6,12}:[A-Za-z0-9_-]{20}/
		$slack = /hooks\.slack\.com\/services\/T[A-Z0-9]{6}/
		$hook = /https?:\/\/([a-z0-9-]{1,63}\.)?(webhook\.site|requestbin\.(com|net)|pipedream\.net|requestcatcher\.com|beeceptor\.com)\//
		$oast = /\b[a-z0-9-]{8,63}\.(oast\.(pro|live|site|online|fun|me)|interact\.sh|burpcollaborator\.net|oastify\.com|dnslog\.cn|canarytokens\.(com|org))\b/
		$tunnel = /(https?|tcp):\/\/[a-z0-9.-]{1,80}\.(ngrok\.(io|app|dev)|ngrok-free\.(app|dev)|trycloudflare\.com|serveo\.net|localhost\.run|loca\.lt)\b/
		$paste = /https?:\/\/(pastebin\.com\/raw\/|paste\.ee\/r\/|rentry\.co\/[^\s\/]{1,40}\/raw|transfer\.sh\/|0x0\.st\/|file\.io\/|termbin\.com)/
	condition:
		active and any of them
}

rule Theft_Cloud_Metadata
{
	meta:
		id = "theft.cloud-metadata"
		severity = "critical"
		message = "asks the cloud's metadata service for the machine's keys"
		reference = "MITRE ATT&CK T1552.005"
	strings:
		$aws = /169\.254\.169\.254\/+(latest|openstack|metadata|computeMetadata)/
		$google = /metadata\.google\.internal\/+computeMetadata/
		$ecs = /169\.254\.170\.2[^0-9]/
		$alibaba = /100\.100\.100\.200\/+latest/
	condition:
		active and format != "script" and
		    (format != "text" or member endswith ".py") and
		    any of them
}

rule Theft_Environment_Sent
{
	meta:
		id = "theft.environment-sent"
		severity = "critical"
		message = "sends the environment, where tokens are kept, to the network"
		reference = "MITRE ATT&CK T1552.007"
	strings:
		$sent = /\b(requests\s*\.\s*(post|get|put)|urlopen|http\.client\.[A-Za-z]+|\.sendall?)\s*\([^\n]{0,200}\bos\s*\.\s*environ\b/
		$shell = /\b(env|printenv|set)\s*\|\s*(base64[^\n|]{0,20}\|\s*)?(curl|wget|nc|ncat)\s/
		$curl = /\bcurl\s[^\n]{0,160}(-d|--data(-binary|-raw|-urlencode)?|-F)\s*["']?[^\n]{0,20}(\$\(\s*(env|printenv|cat\s)|@\/(etc|proc|root|home)\/|`\s*(env|printenv|cat\s))/
	condition:
		active and any of them
}

rule Theft_Secret_Shape
{
	meta:
		id = "theft.secret-shape"
		severity = "low"
		message = "holds what looks like somebody's access key"
		reference = "CWE-798"
	strings:
		$pem = /-----BEGIN (RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----/
		$aws = /\b(AKIA|ASIA)[A-Z2-7]{16}\b/
		$github = /\bgh[pousr]_[A-Za-z0-9]{36}\b/
		$hf = /\bhf_[A-Za-z]{34}\b/
		$slack = /\bxox[baprs]-[0-9]{10,13}-[A-Za-z0-9-]{20}/
		$openai = /\bsk-(proj-)?[A-Za-z0-9_-]{20}T3BlbkFJ[A-Za-z0-9_-]{20}/
	condition:
		any of them
}
