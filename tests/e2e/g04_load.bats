#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g04: many openers, many files, files larger than any disk.

load guard

@test "g04.1 many processes that open one new file cost one scan" {
	scene ext4 <<-'E'
		good $W/good.pkl
		bad $W/bad.pkl
		guard
		counts scans 1 gives "200 ok" opener storm 200 $W/good.pkl
		counts scans 1 gives "200 EPERM" opener storm 200 $W/bad.pkl
		[ "$(counter answers)" -eq "$(counter events)" ]
	E
}

@test "g04.2 ten thousand small files: each is judged once" {
	scene ext4 <<-'E'
		n=10000
		sanitized && n=500 || true
		OPENER_SECONDS=90
		opener tree $n $W
		guard
		counts scans $n gives "$n ok" opener all $W
		limit=$(sed -n 's/^Max open files *\([0-9]*\).*/\1/p' \
			/proc/$(child gate)/limits)
		[ $limit -lt 25000 ] ||
			counts events 0 gives "$n ok" opener all $W
	E
}

@test "g04.3 more files than descriptors: the oldest are let go of" {
	scene ext4 <<-'E'
		n=3000
		sanitized && n=1200 || true
		OPENER_SECONDS=90
		opener tree $n $W
		ulimit -n 2048
		guard
		gives "$n ok" opener all $W
		gives "$n ok" opener all $W
		[ "$(counter read_errors)" -eq 0 ]
		[ "$(counter overload)" -eq 0 ]
	E
}

@test "g04.4 a sparse checkpoint of 20 GB is judged by what can carry code" {
	scene xfs <<-'E'
		real
		python3 - $W/big.pt <<-'P'
		import struct, sys, zlib
		pkl = b"\x80\x02}q\x00."
		size = 20 << 30
		name1, name2 = b"a/data.pkl", b"a/data/0"
		def local(name, data_size, crc, extra=b""):
		    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0,
		        crc, 0xffffffff if extra else data_size,
		        0xffffffff if extra else data_size, len(name), len(extra)) \
		        + name + extra
		def central(name, data_size, crc, offset, extra=b""):
		    big = bool(extra)
		    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 45, 45, 0,
		        0, 0, 0, crc, 0xffffffff if big else data_size,
		        0xffffffff if big else data_size, len(name), len(extra),
		        0, 0, 0, 0, offset) + name + extra
		z64 = struct.pack("<HHQQ", 1, 16, size, size)
		with open(sys.argv[1], "wb") as f:
		    f.write(local(name1, len(pkl), zlib.crc32(pkl)) + pkl)
		    second = f.tell()
		    f.write(local(name2, size, 0, z64))
		    f.seek(size, 1)
		    start = f.tell()
		    f.write(central(name1, len(pkl), zlib.crc32(pkl), 0))
		    f.write(central(name2, size, 0, second, z64))
		    end = f.tell()
		    f.write(struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0,
		        2, 2, end - start, start))
		    f.write(struct.pack("<4sIQI", b"PK\6\7", 0, end, 1))
		    f.write(struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2,
		        end - start, 0xffffffff, 0))
		P
		guard --deadline 20
		from=$(date +%s%N)
		opens ok $W/big.pt
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "20 GB in $ms ms"
		[ $ms -lt 5000 ]
		counts events 0 opens ok $W/big.pt
	E
}

@test "g04.5 openers of other files don't wait for a slow one" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		opener tree 100 $W
		guard --deadline 20
		opener storm 20 $W/hang >$B/result &
		P=$!
		until_true scanning 1
		from=$(date +%s%N)
		gives "100 ok" opener storm 100 $W/f00001.txt
		[ $((($(date +%s%N) - from) / 1000000)) -lt 5000 ]
		kill $P
	E
}

@test "g04.6 a deadline answers EIO; a background scan serves the next open" {
	scene ext4 <<-'E'
		good $W/slow.pkl
		guard --deadline 1
		until_true has_workers
		stop_workers
		opens EIO $W/slow.pkl
		until_true said 'slow.pkl: unverified: no verdict in time'
		[ "$(counter late)" -eq 1 ]
		cont_workers
		until_true tokens 1
		counts events 0 opens ok $W/slow.pkl
		counts scans 0 opens ok $W/slow.pkl
	E
}

@test "g04.7 every event is answered exactly once, under load and change" {
	scene ext4 <<-'E'
		opener tree 200 $W
		bad $B/bad
		guard
		for i in $(seq 200); do
			echo x >>$W/f00$((100 + i % 100)).txt
		done &
		jobs=$!
		for i in $(seq 50); do cp $B/bad $W/bad$i.pkl; done &
		jobs="$jobs $!"
		for i in 1 2 3 4; do
			opener all $W >/dev/null &
			jobs="$jobs $!"
		done
		for job in $jobs; do wait $job; done
		opener all $W | grep -q "50 EPERM"
		[ "$(counter events)" -eq "$(counter answers)" ]
		[ "$(counter answers_lost)" -eq 0 ]
		[ "$(counter waiting)" -eq 0 ]
	E
}

@test "g04.8 a worker that nobody waits for any more is nice to others" {
	scene ext4 <<-'E'
		nice_of() {
			sed 's/.*) //' /proc/$1/stat | awk '{print $17}'
		}
		at() {
			for pid in $(workers); do
				[ "$(nice_of $pid)" -eq $1 ] && return
			done
			return 1
		}
		[ -n "$FAKE" ] || fake
		good $W/hang
		guard --deadline 1
		[ "$(nice_of $(child template))" -le 0 ]
		opens EIO $W/hang
		until_true at 15
		opener read $W/hang &
		until_true waiting 1
		until_true not at 15
		wait $!
		until_true at 15
	E
}
