#!/usr/bin/env python3
"""Runs a command on its own terminal, and prints what a user would read there."""
import os
import pty
import re
import select
import sys
import threading

# A terminal that another program still has open when the command has ended has nothing more to say
# after this time, in seconds.
SILENCE = 5


def spawn():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    ended, end = os.pipe()
    statuses = []

    def wait():
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os.close(end)

    waiting = threading.Thread(target=wait)
    waiting.start()
    chunks = []
    watched, limit = [terminal, ended], None
    while ready := select.select(watched, [], [], limit)[0]:
        if terminal in ready:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                # Nobody has it open any more.
                break
            if not chunk:
                break
            chunks.append(chunk)
        elif ended in ready:
            watched, limit = [terminal], SILENCE
    waiting.join()
    return statuses[0], b"".join(chunks)


status, text = spawn()
text = text.decode(errors="replace")
# Wine draws its console: cursor movements are not text.
text = re.sub(r"\x1b\[[0-9;?]*[CGHJKdm]", " ", text)
print(re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07)", "", text))
sys.exit(status)
