#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A prolog for Slurm: no job begins on a node that is not guarded.
#
#	slurm.conf:	Prolog=/etc/slurm/prolog.d/ckptguard
#
# "ckptguard status" ends with 0 when everything below the watches is guarded,
# 1 when something is not, 2 when no guard answers.  A prolog that fails drains
# the node and puts the job back into the queue; nothing here waits for long.
set -u
ckptguard="${CKPTGUARD:-ckptguard}"
node="${SLURMD_NODENAME:-$(uname -n)}"

why=$(timeout 10 "$ckptguard" status 2>&1) && exit 0
status=$?
case $status in
1) reason="ckptguard: something is not guarded" ;;
124) reason="ckptguard: the guard does not answer" ;;
*) reason="ckptguard: no guard runs" ;;
esac
logger -t ckptguard-prolog -p daemon.err -- "$reason: $why" 2>/dev/null || :
scontrol update NodeName="$node" State=DRAIN Reason="$reason" 2>/dev/null || :
echo "print $reason on $node; the job goes elsewhere"
exit 1
