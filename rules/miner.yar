/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that spend other people's electricity. */

rule Miner_Pool
{
	meta:
		id = "miner.pool"
		severity = "critical"
		message = "connects to a pool that mines crypto currency"
		reference = "MITRE ATT&CK T1496"
	strings:
		$stratum = /stratum2?\+(tcp|ssl|tls|udp):\/\/[^\s"']{4}/
		$login = /"method"\s*:\s*"(mining\.(subscribe|authorize)|login)"[^\n]{0,200}"(params|login)"/
		$pool = /\b([a-z0-9-]{1,40}\.)?(minexmr\.com|supportxmr\.com|nanopool\.org|moneroocean\.stream|hashvault\.pro|c3pool\.(com|org)|f2pool\.com|2miners\.com|unmineable\.com|herominers\.com|nicehash\.com)\b/
	condition:
		active and any of them
}

rule Miner_Program
{
	meta:
		id = "miner.program"
		severity = "critical"
		message = "starts a program that mines crypto currency"
		reference = "MITRE ATT&CK T1496"
	strings:
		$name = /\b(xmrig|xmr-stak|minerd|cpuminer|ethminer|nbminer|lolminer|phoenixminer|t-rex|teamredminer|srbminer|ccminer|bfgminer|cgminer)(\.exe)?\s+[^\n]{0,80}-/ nocase
		$donate = "--donate-level"
		$algo = /--(algo|coin)[= ](rx\/0|randomx|cryptonight|ethash|kawpow|monero)/ nocase
		$config = /"randomx"\s*:\s*\{|"donate-level"\s*:/
	condition:
		active and any of them
}
