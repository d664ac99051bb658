#!/usr/bin/env python3
"""A download server that misbehaves as the path says, for fetch-sidecar-test.sh.

usage: fetch_server.py DIRECTORY    serves its files on 127.0.0.1; prints the port
  /good/FILE      as it should be, with ranges
  /cut/FILE       every answer ends in the middle of what is left, with the right length announced
  /no-range/FILE  ignores ranges, always the whole file
Each request is written to DIRECTORY/requests: the path and the Range header.
"""
import http.server
import re
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range", "-")
        with open(FOLDER / "requests", "a") as log:
            print(self.path, wanted, file=log)
        how, _, name = self.path.strip("/").partition("/")
        if how not in ("good", "cut", "no-range") or not (FOLDER / name).is_file():
            return self.send_error(404)
        content = (FOLDER / name).read_bytes()
        start = re.fullmatch(r"bytes=(\d+)-", wanted)
        first = int(start[1]) if start and how != "no-range" else 0
        if first >= len(content):
            return self.send_error(416)
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        part = content[first:]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part[: len(part) // 2] if how == "cut" else part)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
