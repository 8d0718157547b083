# SPDX-License-Identifier: Apache-2.0
"""fake_guard: says on a control socket what a scene of a test wants.

    python3 fake_guard.py SOCKET

Each line of standard input is an event's members, as JSON; it is told to who
follows.  "hang up" ends the connection; the next one is waited for.  Questions
go to standard output.
"""

import json
import os
import socket
import sys
import threading

followers = []
heard = threading.Condition()


def answer(client):
    with client.makefile("rb") as lines:
        for line in lines:
            print(line.decode().rstrip(), flush=True)
            command = json.loads(line)["command"]
            if command == "quarantine_list":
                client.sendall(b'{"v":1,"file":{"id":"00ff","stored":5,'
                               b'"path":"/d/q.pt"}}\n{"v":1,"ok":true}\n')
                continue
            if command != "follow":
                client.sendall(b'{"v":1,"ok":false,"error":"forbidden",'
                               b'"message":"not <b>this</b> one"}\n')
                continue
            client.sendall(b'{"v":1,"ok":true,"follows":true}\n')
            with heard:
                followers.append(client)
                heard.notify()


def listen(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(8)
        while True:
            threading.Thread(target=answer, args=(s.accept()[0],),
                             daemon=True).start()


def main():
    threading.Thread(target=listen, args=(sys.argv[1],), daemon=True).start()
    for line in sys.stdin:
        with heard:
            heard.wait_for(lambda: followers)
            if line.strip() == "hang up":
                followers.pop().shutdown(socket.SHUT_RDWR)
                continue
            event = {"event": "denied", "verdict": "malicious",
                     "uid": os.getuid(), **json.loads(line)}
            followers[-1].sendall(
                json.dumps({"v": 1, "event": event}).encode() + b"\n")


main()
