#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service manager that keeps descriptors, as far as the tests need one.

	manager.py [--no-store] SOCKET COMMANDS PROGRAM ARGUMENT...

Speaks sd_notify(3) on SOCKET and sd_listen_fds(3) with the program.  Reads
commands from the named pipe COMMANDS, a line each:

	start	begin the program with what is kept
	restart	SIGTERM, wait until it has ended, begin it again
	stop	SIGTERM, wait, let go of all that is kept
	kill	SIGKILL, wait, begin it again
	quit	end

and prints what happens: "ready PID", "kept NAME", "dropped NAME", "ended PID
STATUS".  With --no-store it closes what it is given, as a manager does for a
service that may keep nothing.
"""
import os
import select
import signal
import socket
import sys

FIRST = 3


class Manager:
    def __init__(self, path, argv, keeps):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.path, self.argv, self.keeps = path, argv, keeps
        self.store = []  # (name, fd)
        self.pid = 0

    def say(self, *words):
        print(*words, flush=True)

    def start(self):
        if self.pid:
            return
        pid = os.fork()
        if pid == 0:
            self.become()
        self.pid = pid

    def become(self):
        """In the child: descriptors from 3 on are what is kept."""
        high = [(n, os.dup2(fd, 200 + i)) for i, (n, fd) in
                enumerate(self.store)]
        for i, (_, fd) in enumerate(high):
            os.dup2(fd, FIRST + i, inheritable=True)
        env = dict(os.environ, NOTIFY_SOCKET=self.path)
        if high:
            env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)),
                       LISTEN_FDNAMES=":".join(n for n, _ in high))
        os.execve(self.argv[0], self.argv, env)

    def end(self, sig):
        if not self.pid:
            return
        os.kill(self.pid, sig)
        while self.pid:
            self.step(0.005)

    def forget(self, name):
        for n, fd in [x for x in self.store if x[0] == name]:
            os.close(fd)
            self.store.remove((n, fd))
            self.say("dropped", n)

    def drop_all(self):
        for name in {n for n, _ in self.store}:
            self.forget(name)

    def notified(self):
        data, fds, _, _ = socket.recv_fds(self.sock, 4096, 16)
        said = dict(x.split("=", 1) for x in data.decode().split("\n") if x)
        name = said.get("FDNAME", "")
        if said.get("FDSTOREREMOVE") == "1":
            self.forget(name)
        for fd in fds:
            if said.get("FDSTORE") == "1" and self.keeps:
                self.store.append((name, fd))
                self.say("kept", name)
            else:
                os.close(fd)
        if said.get("READY") == "1":
            self.say("ready", said.get("MAINPID", "?"))

    def step(self, seconds, more=()):
        got = select.select([self.sock, *more], [], [], seconds)[0]
        if self.sock in got:
            self.notified()
        pid, status = os.waitpid(self.pid, os.WNOHANG) if self.pid else (0, 0)
        if pid:
            self.pid = 0
            self.say("ended", pid, os.waitstatus_to_exitcode(status))
        return [x for x in more if x in got]

    def obey(self, word):
        if word == "start":
            self.start()
        elif word in ("restart", "kill"):
            self.end(signal.SIGTERM if word == "restart" else signal.SIGKILL)
            self.start()
        elif word == "stop":
            self.end(signal.SIGTERM)
            self.drop_all()
        return word != "quit"


def main():
    argv = sys.argv[1:]
    keeps = argv[0] != "--no-store"
    path, commands, *program = argv if keeps else argv[1:]
    m = Manager(path, program, keeps)
    # Also for writing: it never ends.
    pipe = os.open(commands, os.O_RDWR)
    going, rest = True, b""
    while going:
        if m.step(0.02, [pipe]):
            *words, rest = (rest + os.read(pipe, 4096)).split(b"\n")
            for word in words:
                going = going and m.obey(word.decode())
    m.end(signal.SIGTERM)


main()
