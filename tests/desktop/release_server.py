#!/usr/bin/env python3
"""Simulates the server of cloudflared's releases, behind a proxy, for sidecar-test.sh.

usage: release_server.py DIRECTORY

It is an HTTP proxy on 127.0.0.1 (prints its port) that answers every CONNECT itself, over TLS,
with DIRECTORY/cert.pem and key.pem: so the program asks for the name it always asks for, and no
name has to be looked up. What it gives is DIRECTORY/release, as DIRECTORY/how says:
  good      as it should be, with ranges
  wait      stops in the middle until `how` says something else
  missing   404
Each request is written to DIRECTORY/requests: the name asked for, and the Range header.
"""
import re
import socketserver
import ssl
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(FOLDER / "cert.pem", FOLDER / "key.pem")


def head_of(stream):
    lines = []
    while line := stream.readline().strip():
        lines.append(line.decode())
    return lines


class Proxy(socketserver.StreamRequestHandler):
    # Bytes that are read ahead here would be missing for TLS.
    rbufsize = 0

    def handle(self):
        asked = head_of(self.rfile)[0].split(" ")
        if asked[0] != "CONNECT":
            return self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with tls.wrap_socket(self.request, server_side=True) as secure:
            self.release(asked[1], secure)

    def release(self, name, secure):
        wanted = next((line for line in head_of(secure.makefile("rb")) if line.lower().startswith("range:")), "-")
        with open(FOLDER / "requests", "a") as log:
            print(name, wanted, file=log)
        if how() == "missing":
            return secure.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        content = (FOLDER / "release").read_bytes()
        start = re.search(r"bytes=(\d+)-", wanted)
        first = int(start[1]) if start else 0
        part = content[first:]
        status = f"206 Partial Content\r\nContent-Range: bytes {first}-{len(content) - 1}/{len(content)}"
        head = f"HTTP/1.1 {status if first else '200 OK'}\r\nContent-Length: {len(part)}\r\n\r\n"
        middle = max(0, 12_000_000 - first)
        secure.sendall(head.encode() + part[:middle])
        while how() == "wait":
            time.sleep(0.02)
        secure.sendall(part[middle:])


def how():
    return (FOLDER / "how").read_text().strip()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that disconnect early are part of the test."""


server = Server(("127.0.0.1", 0), Proxy)
print(server.server_address[1], flush=True)
server.serve_forever()
