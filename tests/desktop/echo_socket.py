#!/usr/bin/python3
"""Opens a WebSocket as a page does, sends TEXT, and exits with 0 if the same text comes back.

usage: echo_socket.py ADDRESS HOST TEXT
"""
import base64
import os
import socket
import sys

address, host, text = sys.argv[1:]
name, port = address.rsplit(":", 1)
stream = socket.create_connection((name, int(port)), timeout=30)
key = base64.b64encode(os.urandom(16)).decode()
stream.sendall(
    f"GET /socket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
)
answer = stream.makefile("rb")
status = answer.readline()
if b" 101 " not in status:
    sys.exit(f"no web socket: {status!r}")
while answer.readline().strip():
    pass
mask = os.urandom(4)
body = text.encode()
stream.sendall(
    bytes([0x81, 0x80 | len(body)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(body))
)
_, length = answer.read(2)
came = answer.read(length).decode()
sys.exit(0 if came == text else f"{text!r} came back as {came!r}")
