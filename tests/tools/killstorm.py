#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill the daemon's processes at random instants, under load.

	killstorm.py --daemon PID --dir DIR --good FILE --bad FILE
	             [--kills N] [--seconds S] [--deadline S] [--seed N]

DIR is guarded by the daemon PID; GOOD opens, BAD is denied with EPERM.  Some
processes open files, some exchange the bytes of files of their own and open
them at once; meanwhile SIGKILL goes to gate, recorder, scout, template and
workers, and SIGSTOP (and SIGCONT) now and then to a worker.  Wrong is:

	an open of bad bytes that goes on
	an open that takes longer than the deadline and the time of a hand-over
	any errno but EPERM and EIO; EPERM for good bytes
	a daemon that is gone, or doesn't judge right, once it is left alone

It prints one line of JSON.  Exit status 1 when something was wrong.
"""
import argparse
import errno
import json
import os
import random
import signal
import sys
import time

OPENERS, CHANGERS, FILES = 4, 2, 40
HANDOVER = 3.0  # seconds until another gate has taken over, on a busy machine
SETTLE = 60.0   # seconds until all must be well again
ROLES = {"ckptguard-gate": "gate", "ckptguard-rec": "recorder",
         "ckptguard-scout": "scout", "ckptguard-worke": "template"}
VICTIMS = ["gate", "recorder", "scout", "template", "worker"]


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(x) for x in f.read().split()]
    except OSError:
        return []


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return ""


def attempt(path):
    """(errno or 0, seconds) of one open."""
    start = time.monotonic()
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        e = 0
    except OSError as x:
        e = x.errno
    return e, time.monotonic() - start


class Tally:
    def __init__(self, limit):
        self.limit = limit
        self.n = {"ok": 0, "EPERM": 0, "EIO": 0}
        self.slowest = 0.0
        self.wrong = []

    def add(self, what, path, bad):
        e, took = attempt(path)
        name = errno.errorcode.get(e, str(e)) if e else "ok"
        self.n[name] = self.n.get(name, 0) + 1
        self.slowest = max(self.slowest, took)
        if (bad and e == 0) or (not bad and e == errno.EPERM) or \
                e not in (0, errno.EPERM, errno.EIO):
            self.wrong.append(f"{what} {path}: {name}")
        if took > self.limit:
            self.wrong.append(f"{what} {path}: {name} after {took:.1f} s")


def open_all(tally, stop, a, rng):
    names = [(f"{a.dir}/good{i}", False) for i in range(FILES)] + \
            [(f"{a.dir}/bad{i}", True) for i in range(FILES)]
    while not stop():
        path, bad = rng.choice(names)
        tally.add("open", path, bad)


def rewrite(path, data, how):
    """Other bytes, in place or by another file; False: the open was denied."""
    try:
        if how == 0:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
            os.pwrite(fd, data, 0)
            os.close(fd)
        else:
            fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT |
                         os.O_TRUNC | os.O_CLOEXEC)
            os.write(fd, data)
            os.close(fd)
            os.rename(path + ".new", path)
    except OSError:
        return False
    return True


def change_all(tally, stop, a, rng, number):
    """Only what was written for sure is expected."""
    with open(a.good, "rb") as f:
        good = f.read()
    with open(a.bad, "rb") as f:
        bad = f.read()
    path = f"{a.dir}/flip{number}"
    while not stop():
        if not rewrite(path, good, 1):
            continue
        for _ in range(rng.randrange(3)):
            tally.add("good", path, False)
        if not rewrite(path, bad, rng.randrange(2)):
            continue
        for _ in range(1 + rng.randrange(2)):
            tally.add("bad", path, True)


def load(a, number, out, stop):
    rng = random.Random(a.seed * 1000 + number)
    tally = Tally(a.deadline + HANDOVER)
    try:
        if number < OPENERS:
            open_all(tally, stop, a, rng)
        else:
            change_all(tally, stop, a, rng, number)
    except BaseException as x:  # whatever it is has to be told
        tally.wrong.append(f"load {number}: {x!r}")
    os.write(out, json.dumps({"n": tally.n, "slowest": tally.slowest,
                              "wrong": tally.wrong[:20]}).encode() + b"\n")


def victims(daemon):
    """role -> pids, those that are there now."""
    found = {}
    for pid in children(daemon):
        role = ROLES.get(comm(pid))
        if role:
            found.setdefault(role, []).append(pid)
        if role == "template":
            found.setdefault("worker", []).extend(children(pid))
    return found


def strike(a, rng, killed):
    # Each role as often as any other: what is not there now is not struck, so
    # that a gate which is struck often does not keep all others from living.
    there = victims(a.daemon)
    role = rng.choice(VICTIMS)
    if not there.get(role):
        return
    pid = rng.choice(there[role])
    stop = role == "worker" and rng.random() < 0.2
    try:
        os.kill(pid, signal.SIGSTOP if stop else signal.SIGKILL)
        if stop and rng.random() < 0.5:
            time.sleep(0.005)
            os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return
    name = "stopped" if stop else role
    killed[name] = killed.get(name, 0) + 1


def well_again(a):
    """All is judged right, twice in a row, within SETTLE."""
    until = time.monotonic() + SETTLE
    why = "never tried"
    right = 0
    while time.monotonic() < until:
        if not os.path.exists(f"/proc/{a.daemon}"):
            return "the daemon is gone"
        wrong = [f"{a.dir}/good{i}" for i in range(FILES)
                 if attempt(f"{a.dir}/good{i}")[0] != 0] + \
                [f"{a.dir}/bad{i}" for i in range(FILES)
                 if attempt(f"{a.dir}/bad{i}")[0] != errno.EPERM]
        right = right + 1 if not wrong else 0
        why = ", ".join(wrong[:3])
        if right == 2:
            return None
    return f"not well after {SETTLE} s: {why}"


def files_make(a):
    for name, source in (("good", a.good), ("bad", a.bad)):
        with open(source, "rb") as f:
            data = f.read()
        for i in range(FILES):
            with open(f"{a.dir}/{name}{i}", "wb") as f:
                f.write(data)


def start_load(a, stop):
    """The processes, and what each says at its end."""
    pids, ends = [], []
    for number in range(OPENERS + CHANGERS):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            load(a, number, w, stop)
            os._exit(0)
        os.close(w)
        pids.append(pid)
        ends.append(r)
    return pids, ends


def collect(ends):
    total = {"opens": 0, "n": {}, "slowest": 0.0, "wrong": []}
    for r in ends:
        with os.fdopen(r) as f:
            text = f.read()
        if not text:
            total["wrong"].append("a process of the load died")
            continue
        part = json.loads(text)
        for name, n in part["n"].items():
            total["n"][name] = total["n"].get(name, 0) + n
            total["opens"] += n
        total["slowest"] = max(total["slowest"], part["slowest"])
        total["wrong"] += part["wrong"]
    return total


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--daemon", type=int, required=True)
    p.add_argument("--dir", required=True)
    p.add_argument("--good", required=True)
    p.add_argument("--bad", required=True)
    p.add_argument("--kills", type=int, default=100)
    p.add_argument("--seconds", type=float, default=3600)
    p.add_argument("--deadline", type=float, default=10)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    rng = random.Random(a.seed)
    killed = {}
    files_make(a)
    over = f"{a.good}.over"
    start = time.monotonic()
    pids, ends = start_load(a, lambda: os.path.exists(over))
    while sum(killed.values()) < a.kills and \
            time.monotonic() - start < a.seconds and \
            os.path.exists(f"/proc/{a.daemon}"):
        # Some in a burst, some when all have settled.
        time.sleep(rng.random() * rng.choice((0.005, 0.05, 0.1)))
        strike(a, rng, killed)
    with open(over, "w"):
        pass
    total = collect(ends)
    for pid in pids:
        os.waitpid(pid, 0)
    why = well_again(a)
    if why:
        total["wrong"].append(why)
    total["killed"] = killed
    total["kills"] = sum(killed.values())
    total["seconds"] = round(time.monotonic() - start, 1)
    total["slowest"] = round(total["slowest"], 3)
    print(json.dumps(total, sort_keys=True))
    return 1 if total["wrong"] else 0


sys.exit(main())
