"""What the dashboard costs while somebody looks at it; part of measure.py."""
import http.server
import json
import os
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
import http.client

TRANSFERS = 100
# A visitor takes so many bytes, and so often in a second.
PIECE, PACE = 20_000, 5
SECONDS = 10
# Small files, and how often each is asked for in a round.
FILES, TIMES, ROUNDS = 200, 25, 5


class Page:
    """An open page, as far as the program notices."""

    def __init__(self, program):
        print_it = [program, "dashboard", "--print"]
        address = subprocess.run(print_it, capture_output=True, text=True, check=True).stdout.strip()
        origin, ticket = address.split("/#")
        body = json.dumps({"ticket": ticket}).encode()
        with urlopen(Request(f"{origin}/session", body, {"Origin": origin})) as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            token = json.load(answer)["token"]
        urlopen(f"{origin}/").read()
        self.events = 0
        self.connection = http.client.HTTPConnection(urlsplit(origin).netloc)
        self.connection.request("GET", "/events", headers={"Cookie": cookie, "X-Spot-Serve-Token": token})
        self.stream = self.connection.getresponse()
        # What it is told first.
        self.stream.readline()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        try:
            for line in self.stream:
                self.events += line.startswith(b"event: parts")
        except http.client.IncompleteRead:
            pass  # It was closed.

    def close(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.reader.join()
        # The program notices it at once.
        time.sleep(0.5)


def seconds_of_cpu(process):
    # The clock of another process, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~process.pid << 3) | 2)


def local_link(program, path):
    shares = json.loads(subprocess.run([program, "list", "--json"], capture_output=True, check=True).stdout)
    return next(share["local_link"] for share in shares if path in share["paths"] or str(share.get("port")) == path)


def slow_downloads(link, count):
    """Begins so many downloads, each of another file."""
    address = urlsplit(link)
    answers = []
    for number in range(count):
        connection = http.client.HTTPConnection(address.hostname, address.port)
        connection.request("GET", f"/film%20{number}.mp4")
        answers.append(connection.getresponse())
    return answers


def measure(process, program, memory_kb):
    """Returns the memory in kB that the open page adds, the share of a processor that TRANSFERS live
    transfers take while it is open, and how often it was told of them in a second."""
    before = memory_kb(process)["Pss:"]
    page = Page(program)
    time.sleep(3)
    more = memory_kb(process)["Pss:"] - before
    with tempfile.TemporaryDirectory() as folder:
        for number in range(TRANSFERS):
            with open(f"{folder}/film {number}.mp4", "wb") as film:
                film.truncate(1_000_000_000)
        subprocess.run([program, "share", folder], capture_output=True, check=False)
        answers = slow_downloads(local_link(program, folder), TRANSFERS)
        time.sleep(2)
        cpu, events, began = seconds_of_cpu(process), page.events, time.monotonic()
        while time.monotonic() - began < SECONDS:
            for answer in answers:
                answer.read(PIECE)
            time.sleep(1 / PACE)
        took = time.monotonic() - began
        cpu = (seconds_of_cpu(process) - cpu) / took
        events = (page.events - events) / took
        for answer in answers:
            answer.close()
        subprocess.run([program, "stop", folder], capture_output=True, check=False)
    return more, cpu, events


def small_requests(process, link):
    """The time of a processor that the program takes for small files, one after the other."""
    address = urlsplit(link)
    with socket.create_connection((address.hostname, address.port)) as connection:
        answers = connection.makefile("rb")

        def ask(number):
            head = f"GET /{number}.txt HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: bench\r\n\r\n"
            connection.sendall(head.encode())
            length = 0
            while (line := answers.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            answers.read(length)

        for number in range(FILES):
            ask(number)
        began = seconds_of_cpu(process)
        for _ in range(TIMES):
            for number in range(FILES):
                ask(number)
        return seconds_of_cpu(process) - began


def shared(program, *what):
    """Shares something without waiting for its link, and returns where it is on this computer."""
    subprocess.run([program, "share", *what], capture_output=True, check=False)
    return local_link(program, what[0])


class Site(http.server.BaseHTTPRequestHandler):
    """A local site that answers at once."""
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    body = b"x" * 4096

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


def measure_watching(process, program):
    """How much work small files are when nobody watches, compared with a folder whose visitors are
    watched, and with a site whose requests are recorded. In rounds that take turns."""
    page = Page(program)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            with open(f"{folder}/{number}.txt", "wb") as file:
                file.write(os.urandom(4096))
        link = shared(program, folder)
        watched, alone = [], []
        for _ in range(ROUNDS):
            watched.append(small_requests(process, link))
            page.close()
            alone.append(small_requests(process, link))
            page = Page(program)
        page.close()
        subprocess.run([program, "stop", folder], capture_output=True, check=False)
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    port = str(site.server_address[1])
    recorded, unrecorded = [], []
    for _ in range(ROUNDS):
        for kept, options in ((unrecorded, []), (recorded, ["--inspect"])):
            kept.append(small_requests(process, shared(program, port, *options)))
            subprocess.run([program, "stop", port], capture_output=True, check=False)
    site.shutdown()
    return statistics.median(alone) / statistics.median(watched), statistics.median(unrecorded) / statistics.median(recorded)
