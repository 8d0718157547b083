#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An epilog for Slurm: tell the job's user what was denied to him meanwhile.
#
#	slurm.conf:	TaskEpilog=/etc/slurm/ckptguard-epilog
#
# It runs as the user, who is shown his own events alone.
set -u
ckptguard="${CKPTGUARD:-ckptguard}"

for verdict in malicious suspicious unverified; do
	timeout 10 "$ckptguard" events --since="${CKPTGUARD_SINCE:-1d}" \
		--verdict="$verdict" -n 20 2>/dev/null
done | sed 's/^/print ckptguard: /'
exit 0
