# SPDX-License-Identifier: Apache-2.0
"""bench: the goals of DESIGN.md, measured side by side in one run.

    sudo make bench

Prints a line for each goal: what, figure, goal, met or not.  Every figure is
a ratio of two things that were measured in turns in this run, or a size; no
figure decides whether anything passes.  All that is watched are tmpfs mounts
of this process's own mount namespace.
"""

import csv
import ctypes
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["CKPT_BUILD"]
SRC = os.environ["CKPT_SRC"]
sys.path.insert(0, os.path.join(SRC, "tests", "samples"))
import samples as s  # noqa: E402
from hungry import hungry  # noqa: E402
from machine import Machine  # noqa: E402
from sparse import sparse_checkpoint  # noqa: E402

MB = 1 << 20
SPARSE = 20 << 30
FIRST_OPENS = 60  # files that are opened for the first time
PAUSE_MS = 5  # between two of them: nobody opens models in a tight loop
DEADLINE_MS = 10000  # of the daemon: later answers are late
STORM_FILES = 512  # unknown files that a crowd opens at once
PAYLOADS, PAYLOAD = 4096, 256 << 10  # of the pickle that is skipped through
ROUNDS = 4000  # of opens that cost nothing
CROWD_THREADS, CROWD_OPENS, CROWD_FILES = 64, 200000, 64
CROWD_TURNS = 3
READY_SECONDS = 60
SCAN_SECONDS = 900
CORPUS_TURNS = 3
PR_SET_CHILD_SUBREAPER = 36
# what picklescan opens by its name; it tells others apart by two bytes
PICKLESCAN_READS = {".npy", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle",
                    ".joblib", ".dat", ".data", ".zip", ".npz", ".7z"}

HISTORY_EVENTS = 1000000

lines = []


def tell(what, figure, goal, met):
    word = {True: "met", False: "NOT MET", None: "-"}[met]
    line = f"{what:<58} {figure:>18}  {goal:<22} {word}"
    lines.append(line)
    print(line, flush=True)


def numbers(program, *arguments):
    done = subprocess.run([os.path.join(BUILD, "tests/bench", program),
                           *map(str, arguments)], stdout=subprocess.PIPE,
                          check=True)
    return [[int(n) for n in row.split()]
            for row in done.stdout.decode().splitlines()]


def bench(*arguments):
    return numbers("bench_open", *arguments)


class Tmpfs:
    def __init__(self, where, size="512m"):
        self.path = where
        os.mkdir(where)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "bench",
                        where], check=True)

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False)


class Monitor:
    """a process that says a word when it is ready"""

    def __init__(self, command, word, log):
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        end = time.monotonic() + READY_SECONDS
        while word not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"bench: {command[0]} is not ready:\n" +
                                 self.said())
            time.sleep(0.05)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def checkpoint(path, size, number=0):
    """a clean torch checkpoint of about size bytes, no two alike"""
    pickled = s.state_dict([("n", s.number(number))])
    s.torch_zip(path, pickled, storages=(size - 2048, 16))


def known_opens(*places):
    """opens that must not reach the daemon; the last place is marked by
    nobody else, and shows what the kernel alone takes"""
    plain, token, outside, marked = (os.path.join(p, "known.pt")
                                     for p in places)
    bench("rounds", 100, plain, token, outside)
    turns = [bench("rounds", ROUNDS // 4, plain, token, outside)
             for _ in range(4)]
    n, t, o = (statistics.median(turn[i][0] for turn in turns)
               for i in range(3))
    mark, lease, parent = (k[0] for k in numbers("bench_marks", plain, marked))
    tell("open of a file with a token, to native", f"{t / n:.2f}x",
         "at most 1.3x", t / n <= 1.3)
    tell("  under a mark alone, and a lease, without a daemon",
         f"{mark / 1e3:.2f}x {lease / 1e3:.2f}x", "", None)
    tell("open outside every watch, to native", f"{o / n:.2f}x",
         "at most 1.3x", o / n <= 1.3)
    tell("  under a mark of its directory alone, without a daemon",
         f"{parent / 1e3:.2f}x", "", None)


def first_opens(places, name, mode, goal, *arguments):
    """first opens of 1 MB checkpoints, in turns: native; under a monitor that
    allows all; under one that asks another process first; guarded"""
    files = [os.path.join(place, f"{name}{i}.pt")
             for i in range(FIRST_OPENS) for place in places]
    took = [row[0] for row in bench(mode, *arguments, *files)]
    native, bare, asked, guarded = (statistics.median(took[k::len(places)])
                                    for k in range(len(places)))
    ratio = guarded / bare
    what = "first open of a clean 1 MB checkpoint, to bare allow-all"
    if not goal:
        what = "  the same in a row, without a pause"
    tell(what, f"{ratio:.1f}x", goal, ratio <= 3 if goal else None)
    tell("  to one that asks another process, which reads a page",
         f"{guarded / asked:.1f}x", "", None)
    tell("  in microseconds: native, bare, asking, guarded",
         " ".join(f"{t / 1e3:.0f}" for t in (native, bare, asked, guarded)),
         "", None)


def sparse_opens(watched, scan):
    """first opens of 20 GB, in turns with new ones of 1 MB"""
    took = {"small": [], "sparse": []}
    for i in range(9):
        for kind in took:
            path = os.path.join(watched, f"{kind}{i}.pt")
            took[kind].append(bench("each", path)[0][0])
    ratio = (statistics.median(took["sparse"]) /
             statistics.median(took["small"]))
    tell("first open of a 20 GB sparse checkpoint, to a 1 MB one",
         f"{ratio:.2f}x", "at most 2x", ratio <= 2)
    read = scan["bytes_read"]
    tell("  bytes read of it", f"{read}", "under 1 MB", read < MB)
    tell("  verdict of it", scan["verdict"], "clean",
         scan["verdict"] == "clean")


def crowd(native, watched):
    """many threads open files that are known; they keep all processors busy,
    so that the rate is the inverse of processor time, whoever else is there"""
    rates = {native: [], watched: []}
    errors = lates = slowest = 0
    for place in list(rates) * CROWD_TURNS:
        files = [os.path.join(place, f"crowd{i}.pt")
                 for i in range(CROWD_FILES)]
        bench("each", *files)
        _, failed, late, worst, spent_ns = bench(
            "threads", CROWD_THREADS, CROWD_OPENS, DEADLINE_MS, *files)[0]
        rates[place].append(CROWD_OPENS / spent_ns)
        if place == watched:
            errors += failed
            lates += late
            slowest = max(slowest, worst)
    ratio = (statistics.median(rates[watched]) /
             statistics.median(rates[native]))
    tell(f"{CROWD_THREADS} threads, {CROWD_OPENS} opens of known files, to "
         "native", f"{ratio:.2f}x", "at least 0.8x", ratio >= 0.8)
    tell("  denied, answered after the deadline", f"{errors} {lates}", "none",
         errors + lates == 0)
    tell("  the slowest of them", f"{slowest / 1e6:.1f} ms", "", None)


def storm(bare, watched):
    """many threads open files that nobody knows: each waits for a scan"""
    took = {}
    for place in (bare, watched):
        files = [os.path.join(place, f"storm{i}.pt")
                 for i in range(STORM_FILES)]
        took[place] = bench("threads", CROWD_THREADS, STORM_FILES,
                            DEADLINE_MS, *files)[0]
    ns, errors, lates, slowest, _ = took[watched]
    tell(f"{CROWD_THREADS} threads, {STORM_FILES} first opens, to bare "
         "allow-all", f"{ns / took[bare][0]:.1f}x", "", None)
    tell("  denied, answered after the deadline", f"{errors} {lates}", "none",
         errors + lates == 0)
    tell("  files a second, the slowest",
         f"{STORM_FILES / ns * 1e9:.0f} {slowest / 1e6:.0f} ms", "", None)


def scan_one(path):
    import json
    done = subprocess.run(["ckptguard", "scan", "--format=jsonl", path],
                          stdout=subprocess.PIPE, timeout=SCAN_SECONDS,
                          check=False)
    return json.loads(done.stdout)


def timed(command):
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=SCAN_SECONDS,
                   check=False)
    return time.monotonic() - start


def adopt():
    """Become the parent of processes that outlive theirs: a worker that ends
    after its template would be counted nowhere."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("bench: prctl")


def spent(command):
    """seconds of processor time, of all its processes; nobody else's child
    may be there"""
    before = os.times()
    timed(command)
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    after = os.times()
    return (after.children_user - before.children_user +
            after.children_system - before.children_system)


def corpus_files(corpus):
    with open(os.path.join(corpus, "index.tsv"), encoding="utf-8") as f:
        rows = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        paths = [os.path.join(corpus, r["file"]) for r in rows
                 if r["file"].startswith("real/")]
    return [p for p in paths if os.path.isfile(p)]


def corpus(work):
    """real files, one job, against picklescan's command"""
    where = os.environ.get("CKPT_CORPUS", "")
    if not os.path.isfile(os.path.join(where, "index.tsv")):
        tell("scan of a mixed corpus, to picklescan", "no corpus",
             "at least 20x", None)
        return
    files = corpus_files(where)
    peer = shutil.which("picklescan")
    both = [f for f in files if os.path.splitext(f)[1] in PICKLESCAN_READS]
    for what, chosen in (("real files", files),
                         ("of them, which picklescan reads too", both)):
        tree = os.path.join(work, f"corpus{len(chosen)}")
        os.mkdir(tree)
        for i, path in enumerate(chosen):
            shutil.copyfile(path, os.path.join(
                tree, f"{i}{os.path.splitext(path)[1]}"))
        corpus_turns(f"scan of {len(chosen)} {what}", tree, peer)


def corpus_turns(what, tree, peer):
    """processor time: others on the machine make either wait"""
    ours, theirs = [], []
    for _ in range(CORPUS_TURNS):
        ours.append(spent(["ckptguard", "scan", "-j", "1",
                           "--format=jsonl", tree]))
        if peer is not None:
            theirs.append(spent([peer, "-p", tree]))
    count = len(os.listdir(tree))
    ours = statistics.median(ours)
    tell(what, f"{count / ours:.0f} files/cpu s", "", None)
    if peer is None:
        tell("  to picklescan's command", "not installed", "at least 20x",
             None)
        return
    ratio = statistics.median(theirs) / ours
    tell("  to picklescan's command", f"{ratio:.1f}x", "at least 20x",
         ratio >= 20)


def in_child(job):
    """A small number that job returns.  A process begins with the peak of the
    one that starts it, so this one stays small."""
    child = os.fork()
    if child == 0:
        os._exit(min(job(), 255))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def peak_of(path):
    """megabytes of the largest process of a scan, the template among them"""
    timed(["ckptguard", "scan", "--deep", path])
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def worker_memory(where, sparse):
    """the largest process over files that ask for memory"""
    where = os.path.join(where, "hungry")
    os.mkdir(where)
    in_child(lambda: hungry(where))
    paths = [sparse, *(entry.path for entry in os.scandir(where))]
    worst = max(in_child(lambda p=path: peak_of(p)) for path in paths)
    tell(f"memory of the largest process, {len(paths)} hungry files",
         f"{worst} MB", "at most 64 MB", worst <= 64)


def pickle_machine():
    """bench_pickle prints: name, MB, ms, MB/s, millions of opcodes a second"""
    done = subprocess.run([os.path.join(BUILD, "tests/bench/bench_pickle")],
                          stdout=subprocess.PIPE, check=True,
                          timeout=SCAN_SECONDS)
    for row in done.stdout.decode().splitlines():
        word = row.split()
        name, rate, opcodes = word[0], float(word[5]), float(word[7])
        tell(f"pickle machine, one core: {name}", f"{rate:.0f} MB/s",
             "at least 200 MB/s", rate >= 200)
        tell("  opcodes a second", f"{opcodes:.0f} million",
             "at least 100 million", opcodes >= 100)


def history(work):
    """bench_history prints: write, events, ms, events a second, bytes; then
    for each question: name, events found, median and worst in ms"""
    where = os.path.join(work, "history")
    os.mkdir(where)
    done = subprocess.run([os.path.join(BUILD, "tests/bench/bench_history"),
                           where, str(HISTORY_EVENTS)], check=True,
                          stdout=subprocess.PIPE, timeout=SCAN_SECONDS)
    rows = [row.split() for row in done.stdout.decode().splitlines()]
    tell(f"history of {HISTORY_EVENTS} events: written a second", rows[0][3],
         "none", None)
    tell("  bytes of an event", str(int(rows[0][4]) // int(rows[0][1])),
         "none", None)
    for name, _, median, worst in rows[1:]:
        tell(f"  question: {name}", f"{median} ms, {worst} at worst",
             "under 100 ms", float(median) < 100)


def payload_file(path):
    """a pickle of a gigabyte of bytes objects, as they lie in a file"""
    with open(path, "wb") as f:
        f.write(b"\x80\x04")
        for _ in range(PAYLOADS):
            f.write(b"B" + struct.pack("<I", PAYLOAD))
            f.seek(PAYLOAD, os.SEEK_CUR)
            f.write(b"0")
        f.write(b"N.")


def payloads(work):
    """what is skipped by its length is not read: the file's way, end to end"""
    path = os.path.join(work, "payload.pkl")
    payload_file(path)
    scans = [scan_one(path) for _ in range(5)]
    best = min(scan["elapsed_us"] for scan in scans)
    rate = os.path.getsize(path) / best / 1e3
    clean = all(scan["verdict"] == "clean" for scan in scans)
    tell("a pickle file of 1 GB in payloads of 256 KiB, scanned",
         f"{rate:.1f} GB/s", "at least 5 GB/s", clean and rate >= 5)
    tell("  bytes read of it", f"{scans[0]['bytes_read'] / MB:.1f} MB", "",
         None)
    os.unlink(path)


def clam_conf(work, watched):
    """a clamd of its own with one signature, watching one directory"""
    base = os.path.join(work, "clam")
    os.makedirs(os.path.join(base, "db"))
    with open(os.path.join(base, "db", "one.hdb"), "w",
              encoding="ascii") as f:
        f.write("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n")
    conf = os.path.join(base, "clam.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(f"""LocalSocket {base}/socket
DatabaseDirectory {base}/db
Foreground yes
User clamav
OnAccessIncludePath {watched}
OnAccessPrevention yes
OnAccessExcludeUname clamav
""")
    subprocess.run(["chmod", "755", work], check=True)
    subprocess.run(["chown", "-R", "clamav", base], check=True)
    return conf


def clamonacc(work):
    """the same open under the on-access scanner that people have"""
    what = "open of the same file under clamonacc, to native"
    if not (shutil.which("clamd") and shutil.which("clamonacc")):
        tell(what, "not installed", "", None)
        return
    fs = Tmpfs(os.path.join(work, "clamfs"))
    watched = os.path.join(fs.path, "watched")
    os.mkdir(watched)
    known, plain = (os.path.join(d, "known.pt") for d in (watched, fs.path))
    checkpoint(known, MB)
    checkpoint(plain, MB)
    conf = clam_conf(work, watched)
    started = []
    try:
        started.append(Monitor(["clamd", "-c", conf], "Self checking",
                               os.path.join(work, "clamd.log")))
        started.append(Monitor(["clamonacc", "-F", "--fdpass", "-c", conf],
                               "watching", os.path.join(work, "onacc.log")))
        bench("rounds", 5, known)
        theirs = bench("rounds", 50, known)[0][0]
        native = bench("rounds", ROUNDS, plain)[0][0]
        tell(what, f"{theirs / native:.0f}x", "", None)
    finally:
        for m in reversed(started):
            m.close()
        fs.close()


def guard(work):
    mounts = [Tmpfs(os.path.join(work, name))
              for name in ("native", "marked", "bare", "asked", "guarded")]
    # All as deep: each part of a path takes its time.
    native, marked, bare, asked, watched = (
        os.path.join(t.path, "watched") for t in mounts)
    outside = os.path.join(mounts[-1].path, "outside")
    places = native, bare, asked, watched
    for d in (*places, marked, outside):
        os.mkdir(d)
        checkpoint(os.path.join(d, "known.pt"), MB)
    for place in places:
        for i in range(FIRST_OPENS):
            checkpoint(os.path.join(place, f"first{i}.pt"), MB, i)
            checkpoint(os.path.join(place, f"row{i}.pt"), MB, i)
        for i in range(CROWD_FILES):
            checkpoint(os.path.join(place, f"crowd{i}.pt"), 8192, i)
        for i in range(STORM_FILES):
            checkpoint(os.path.join(place, f"storm{i}.pt"), 8192, i)
    for i in range(9):
        checkpoint(os.path.join(watched, f"small{i}.pt"), MB, i)
        sparse_checkpoint(os.path.join(watched, f"sparse{i}.pt"), SPARSE)
    sparse = scan_one(os.path.join(watched, "sparse0.pt"))
    monitors = [
        Monitor([os.path.join(BUILD, "tests/bench/bare_monitor"), bare],
                "ready", os.path.join(work, "bare.log")),
        Monitor([os.path.join(BUILD, "tests/bench/bare_monitor"), "--ask",
                 asked], "ready", os.path.join(work, "asked.log")),
        # The directory outside is as new as the bench.
        Monitor([os.path.join(BUILD, "ckptguardd"), "-f", "--watch", watched,
                 "--settle", "0",
                 "--state-dir", os.path.join(work, "state")],
                "ckptguardd: ready", os.path.join(work, "guard.log"))]
    try:
        first_opens(places, "first", "paced", "at most 3x", PAUSE_MS)
        first_opens(places, "row", "each", "")
        known_opens(native, watched, outside, marked)
        sparse_opens(watched, sparse)
        crowd(native, watched)
        storm(bare, watched)
        worker_memory(mounts[0].path, os.path.join(watched, "sparse0.pt"))
    finally:
        for m in monitors:
            m.close()
        for t in mounts:
            t.close()


def main():
    if os.geteuid() != 0:
        raise SystemExit("bench: needs root: sudo make bench")
    work = tempfile.mkdtemp(prefix="ckptguard-bench.", dir="/run")
    os.mkdir(os.path.join(work, "state"))
    os.environ["PATH"] = BUILD + ":" + os.environ["PATH"]
    machine = Machine()
    adopt()
    try:
        print(f"{'what':<58} {'figure':>18}  {'goal':<22}")
        guard(work)
        pickle_machine()
        history(work)
        payloads(work)
        corpus(work)
        clamonacc(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    machine.tell()
    print(f"{sum(' met' in x for x in lines)} goals met, "
          f"{sum('NOT MET' in x for x in lines)} not")


main()
