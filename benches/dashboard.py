"""What the dashboard costs while somebody looks at it; part of measure.py."""
import json
import os
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
        self.stream = urlopen(Request(f"{origin}/events", headers={"Cookie": cookie, "X-Spot-Serve-Token": token}))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            self.events += line.startswith(b"event: parts")


def seconds_of_cpu(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def slow_downloads(local_link, count):
    """Begins so many downloads, each of another file."""
    address = urlsplit(local_link)
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
        shares = json.loads(subprocess.run([program, "list", "--json"], capture_output=True, check=True).stdout)
        local_link = next(share["local_link"] for share in shares if share["paths"] == [folder])
        answers = slow_downloads(local_link, TRANSFERS)
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
