#!/usr/bin/env python3
"""Lets a built program ask for the releases of someone/spot-serve, and believe a key of the tests.

usage: own_feed.py PROGRAM PUBLIC_KEY PATCHED

The program has no option for that, and must not have one. PATCHED is PROGRAM with other text of the same
length in the place of installer/feed.toml; it is otherwise the program as built.
"""
import sys
from pathlib import Path

program = Path(sys.argv[1]).read_bytes()
known = (Path(__file__).parent.parent / "installer/feed.toml").read_bytes()
assert program.count(known) == 1
own = f'repository = "someone/spot-serve"\npublic_key = "{sys.argv[2]}"\n'.encode()
own += b"#" * (len(known) - len(own) - 1) + b"\n"
assert len(own) == len(known)
patched = Path(sys.argv[3])
patched.parent.mkdir(parents=True, exist_ok=True)
patched.write_bytes(program.replace(known, own))
patched.chmod(0o755)
