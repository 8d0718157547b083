#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# h04: what is new in a watch is scanned before anybody opens it.

load helpers
load guard

@test "h04.1 a flagged download is quarantined though nobody opens it" {
	for fs in tmpfs ext4; do
		scene $fs <<-'E'
			SCAN_NEW=yes vault_conf
			bad $W/a.pkl
			until_true said '^quarantined'
			[ ! -e $W/a.pkl ]
			[ "$(counter denied)" -eq 0 ]
			ask quarantine list | grep -q a.pkl
			# Beside the watch it is nobody's business; moved in it is.
			bad $O/b.pkl
			bad $O/c.pkl
			mv $O/b.pkl $W/b.pkl
			until_true eval '[ ! -e $W/b.pkl ]'
			[ -e $O/c.pkl ]
			[ "$(counter denied)" -eq 0 ]
			# Restored, it stays.
			id=$(ask quarantine list | grep b.pkl | cut -d' ' -f1)
			ask quarantine restore $id
			good $W/after.pkl
			until_true tokens 2
			[ -e $W/b.pkl ]
		E
	done
}

@test "h04.2 where nothing is moved aside it is recorded, and denied at once" {
	scene ext4 <<-'E'
		SCAN_NEW=yes guard
		bad $W/.a.part
		mv $W/.a.part $W/a.pkl
		until_true logged '"event":"flagged".*a.pkl'
		counts flagged_hits 1 opens EPERM $W/a.pkl
		[ "$(counter scans)" -eq 1 ]
	E
}

@test "h04.3 a clean download costs its first open nothing" {
	scene ext4 <<-'E'
		SCAN_NEW=yes guard
		good $W/a.pkl
		until_true tokens 1
		counts scans 0 opens ok $W/a.pkl
		# A writer takes it back, and it is looked at once more.
		bad $W/a.pkl
		until_true logged '"event":"flagged"'
		counts scans 0 opens EPERM $W/a.pkl
	E
}

@test "h04.4 a flood of new files delays no opener and loses no answer" {
	scene tmpfs <<-'E'
		good $W/known.pkl
		bad $W/bad.pkl
		SCAN_NEW=yes guard
		for i in $(seq 2000); do good $W/$i.pkl; done
		for i in 1 1000 2000; do opens ok $W/$i.pkl; done
		opens ok $W/known.pkl
		opens EPERM $W/bad.pkl
		[ "$(counter late)" -eq 0 ]
		[ "$(counter overload)" -eq 0 ]
		until_true eval '[ $(($(counter tokens) +
			$(counter looks_dropped))) -ge 2000 ]'
		until_true eval \
			'[ "$(counter events)" -eq "$(counter answers)" ]'
		opens EPERM $W/bad.pkl
	E
}

@test "h04.5 a scout or a gate that ends loses no more than a look" {
	scene ext4 <<-'E'
		SCAN_NEW=yes guard
		for title in scout gate; do
			old=$(child $title)
			for i in $(seq 50); do good $W/$title$i.pkl; done
			bad $W/$title.pkl
			kill -KILL $old
			until_true another $title $old
			until_true opens EPERM $W/$title.pkl
			bad $W/$title-after.pkl
			until_true logged "$title-after.pkl"
		done
	E
}

@test "h04.6 one that was written again while it was scanned is scanned again" {
	SCENE_FAKE=yes scene ext4 <<-'E'
		heard() {
			[ "$(counter family)" -gt "$1" ]
		}
		SCAN_NEW=yes vault_conf
		# Its first scan has a writer beside it, and stands still while
		# he ends: what is being written is not moved.
		until_true has_workers
		stop_workers
		exec 8>>$W/a.pkl
		bad $W/a.pkl
		until_true scanning 1
		before=$(counter family)
		exec 8>&-
		until_true heard $before
		cont_workers
		until_true eval '[ ! -e $W/a.pkl ]'
		[ "$(counter scans)" -eq 2 ]
	E
}

@test "h04.7 what may be unmounted is not kept busy" {
	scene ext4 <<-'E'
		mkdir $W/disk
		mount -t tmpfs none $W/disk
		SCAN_NEW=yes guard
		good $W/disk/a.pkl
		good $W/a.pkl
		until_true tokens 1
		umount $W/disk
	E
}
