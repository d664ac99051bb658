#!/usr/bin/python3
"""A typical development server: it answers only under its own name, and notifies open pages of
changes over a WebSocket.

usage: site.py PORT
"""
import base64
import hashlib
import http.server
import sys

PORT = int(sys.argv[1])
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"]
        if host != f"localhost:{PORT}":
            self.send_error(403, f"{host} is not allowed")
        elif self.headers.get("Upgrade", "").lower() == "websocket":
            self.echo()
        else:
            body = f"asked for {host}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def echo(self):
        """Sends the first message back: a short text, masked as browsers do."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        _, length = self.rfile.read(2)
        mask = self.rfile.read(4)
        text = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(length & 127)))
        self.wfile.write(bytes([0x81, len(text)]) + text)
        self.close_connection = True

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Site).serve_forever()
