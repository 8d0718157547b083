#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# units: what is handed to systemd, desktops and Slurm is what they take.

setup() {
	cd "$BATS_TEST_TMPDIR"
	MADE="${CKPT_BUILD:?run by make check}/etc"
	ETC="$CKPT_SRC/etc"
}

# runs UNIT FILE: the unit with a program that is there.
unit() {
	sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$MADE/$1" >"$1"
}

@test "systemd takes the units, and finds nothing to say of them" {
	command -v systemd-analyze >/dev/null ||
		skip "systemd-analyze is not installed"
	for unit in ckptguardd.service ckptguard-notify.service; do
		unit $unit
		run systemd-analyze verify --man=no --recursive-errors=no "./$unit"
		[ "$status" -eq 0 ] || { echo "$output"; return 1; }
		! grep -F "$unit" <<<"$output"
	done
}

@test "the guard's unit leaves each capability that its processes need" {
	caps=$(grep -oE 'CAP\([A-Z_]+\)' "$CKPT_SRC/src/guardd/confine.c" |
		sed 's/CAP(\(.*\))/CAP_\1/' | sort -u)
	[ -n "$caps" ]
	for cap in $caps; do
		grep -q "^CapabilityBoundingSet=.*$cap" "$MADE/ckptguardd.service"
	done
}

@test "the guard's unit makes no mount namespace" {
	! grep -E '^(Protect|Private|ReadOnly|ReadWrite|Inaccessible|Bind|Mount|TemporaryFile|Root|Dynamic)' \
		"$MADE/ckptguardd.service"
}

@test "tmpfiles and sysusers make what they should" {
	command -v systemd-tmpfiles >/dev/null ||
		skip "systemd-tmpfiles is not installed"
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	mkdir -p root/etc
	systemd-sysusers --root="$PWD/root" "$ETC/ckptguard.sysusers"
	grep -q '^ckptguard:' root/etc/passwd
	grep -q '^ckptguard-admin:' root/etc/group
	echo 'root:x:0:0::/:/bin/sh' >>root/etc/passwd
	systemd-tmpfiles --root="$PWD/root" --create "$ETC/ckptguard.tmpfiles"
	[ "$(stat -c %a root/var/lib/ckptguard)" = 700 ]
	[ -d root/etc/ckptguard/rules.d ]
	# the names are those of the source
	grep -q 'WORKER_USER "ckptguard"' "$CKPT_SRC/src/guardd/prepare.c"
	grep -q '"ckptguard-admin"' "$CKPT_SRC/src/conf/options.def"
}

@test "the autostart entry is one" {
	for key in Type=Application Name= Exec=/; do
		grep -q "^$key" "$MADE/ckptguard-notify.desktop"
	done
	command -v desktop-file-validate >/dev/null ||
		skip "desktop-file-validate is not installed"
	run desktop-file-validate "$MADE/ckptguard-notify.desktop"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a job begins on a node that is guarded, and on no other" {
	cat >fake <<-'S'
		#!/bin/sh
		echo "said $*"
		exit "$(cat status)"
	S
	chmod +x fake
	cp fake scontrol
	printf '#!/bin/sh\necho "$@" >>scontrol.log\n' >scontrol
	export CKPTGUARD="$PWD/fake" SLURMD_NODENAME=n1 PATH="$PWD:$PATH"
	echo 0 >status
	run sh "$CKPT_SRC/packaging/slurm/prolog.sh"
	[ "$status" -eq 0 ]
	[ ! -e scontrol.log ]
	for code in 1 2; do
		echo $code >status
		run sh "$CKPT_SRC/packaging/slurm/prolog.sh"
		[ "$status" -eq 1 ]
		[[ "$output" == 'print ckptguard: '*' on n1; the job goes elsewhere' ]]
	done
	grep -q 'NodeName=n1 State=DRAIN Reason=ckptguard: something' scontrol.log
	grep -q 'Reason=ckptguard: no guard runs' scontrol.log
	run sh "$CKPT_SRC/packaging/slurm/epilog.sh"
	[ "$status" -eq 0 ]
	[[ "$output" == *'print ckptguard: said events --since=1d --verdict=malicious -n 20'* ]]
}

@test "the packages have every manual, and what belongs to the system" {
	for page in "$CKPT_SRC"/man/*.[1-8]; do
		name=${page##*/}
		case $name in
		ckptguard*.1) pattern='%{_mandir}/man1/ckptguard\*' ;;
		*.5) pattern="%{_mandir}/man5/$name" ;;
		*) pattern='%{_mandir}/man8/ckptguard' ;;
		esac
		grep -q "^$pattern" "$CKPT_SRC/packaging/rpm/ckptguard.spec"
	done
	for what in ckptguard-notify tmpfiles sysusers ckptguardd.service; do
		grep -q "$what" "$CKPT_SRC/packaging/rpm/ckptguard.spec"
	done
	for package in $("$CKPT_SRC/tools/packages" list build); do
		case $package in
		autoconf | automake | gcc | libc6-dev | make | *-devel) continue ;;
		esac
		grep -q "^ $package[ ,]" "$CKPT_SRC/packaging/debian/control" || {
			echo "debian/control lacks $package"
			return 1
		}
	done
}
