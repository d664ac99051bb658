#!/usr/bin/env python3
"""Replaces the pin in a built program with that of another cloudflared.

usage: own_pin.py PROGRAM SIDECAR PATCHED

The pinned release can't be had without a network. PATCHED is PROGRAM with the pin of SIDECAR in
its data, which is replaced by text of the same length; it is otherwise the program as built.
"""
import hashlib
import platform
import re
import sys
from pathlib import Path

program, sidecar = (Path(name).read_bytes() for name in sys.argv[1:3])
pins = (Path(__file__).parent.parent / "binaries/cloudflared.toml").read_bytes()
table = pins.split(f"[{platform.machine()}-unknown-linux-gnu]".encode())[1]
size, sha256 = re.search(rb"size = (\d+)\nsha256 = \"(\w+)\"", table).groups()
own_size = str(len(sidecar)).encode().rjust(len(size))
own = hashlib.sha256(sidecar).hexdigest().encode()
assert len(own_size) == len(size) and program.count(sha256) == 1
program = program.replace(b"size = " + size, b"size = " + own_size).replace(sha256, own)
patched = Path(sys.argv[3])
patched.parent.mkdir(parents=True, exist_ok=True)
patched.write_bytes(program)
patched.chmod(0o755)
