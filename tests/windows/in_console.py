#!/usr/bin/env python3
"""Runs a command on its own terminal, and prints what a user would read there."""
import os
import pty
import re
import sys

chunks = []


def spawn():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    while True:
        try:
            if not (chunk := os.read(terminal, 65536)):
                break
        except OSError:
            break
        chunks.append(chunk)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


status = spawn()
text = b"".join(chunks).decode(errors="replace")
# Wine draws its console: cursor movements are not text.
text = re.sub(r"\x1b\[[0-9;?]*[CGHJKdm]", " ", text)
print(re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07)", "", text))
sys.exit(status)
