#!/usr/bin/env python3
"""soak.py SPOT_SERVE LOOPBACK_EDGE CLOUDFLARED SECONDS: see soak.sh."""
import collections
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib

PROGRAM, EDGE, CLOUDFLARED = sys.argv[1:4]
SECONDS = float(sys.argv[4])
# A fault of each kind happens this often; every second one kills cloudflared.
FAULT_INTERVAL = 100
REPORT_INTERVAL = 60
# How long it is idle at the end.
REST = 30

ended = threading.Event()
counts = collections.Counter()


def make_tree(root):
    """Small files, pictures, folders and a large file."""
    noise = random.Random(1)
    for folder in ("photos", "notes", "notes/old"):
        os.makedirs(f"{root}/{folder}")
    for number in range(200):
        with open(f"{root}/notes/note {number}.md", "w") as file:
            file.write(f"# Note {number}\n\n" + "Some text. " * 200)
    for number in range(40):
        write_picture(f"{root}/photos/picture {number}.png", 400 + 10 * number, noise)
    with open(f"{root}/large.bin", "wb") as file:
        for _ in range(64):
            file.write(noise.randbytes(1 << 20))


def write_picture(path, size, noise):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    rows = b"".join(b"\0" + noise.randbytes(3) * size for _ in range(size))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Client:
    """A visitor, through the link or on this computer."""

    def __init__(self, address, host):
        self.address, self.host, self.socket = address, host, None

    def ask(self, path, headers=""):
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=30)
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}\r\n"
        self.socket.sendall(request.encode())

    def head(self):
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("no answer")
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        return int(head.split()[1]), head.lower(), body

    def get(self, path, headers="", most=None, pause=0.0):
        """Returns the status; with a limit, reads only that much and closes the connection."""
        self.ask(path, headers)
        status, head, body = self.head()
        length = re.search(rb"content-length: (\d+)", head)
        left = int(length[1]) if length else None
        done = len(body)
        is_chunked = b"transfer-encoding: chunked" in head
        tail = body[-5:]
        while (left is None or done < left) and (most is None or done < most):
            if is_chunked and tail == b"0\r\n\r\n":
                break
            more = self.socket.recv(65536)
            if not more:
                if left is not None or is_chunked:
                    raise ConnectionError("cut off")
                break
            done += len(more)
            tail = (tail + more)[-5:]
            time.sleep(pause)
        if most is not None or (left is None and not is_chunked) or b"connection: close" in head:
            self.close()
        counts["MB"] += done / 1e6
        return status

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None


def visit(client, kind):
    """One thing that a visitor does."""
    n = random.randrange(200)
    if kind == "small":
        return client.get(f"/notes/note%20{n}.md")
    if kind == "listing":
        return client.get(random.choice(["/", "/notes/", "/notes/?json", "/photos/?json", "/?total"]))
    if kind == "picture":
        size = random.choice(["thumbnail", "thumbnail=sharp", "preview"])
        return client.get(f"/photos/picture%20{n % 40}.png?{size}")
    if kind == "zip":
        return client.get(random.choice(["/?archive=zip", "/notes/?archive=zip"]))
    if kind == "large":
        return client.get("/large.bin")
    if kind == "cut":
        return client.get("/large.bin", most=random.randrange(1, 20_000_000))
    if kind == "slow":
        return client.get("/large.bin", most=3_000_000, pause=0.5)
    if kind == "range":
        start = random.randrange(60_000_000)
        return client.get("/large.bin", f"Range: bytes={start}-{start + 100_000}\r\n")
    if kind == "idle":
        client.get("/notes/note%200.md")
        ended.wait(random.randrange(60))
        client.close()
    return 200


def visitor(address, host, kinds, pause):
    client = Client(address, host)
    while not ended.wait(random.random() * pause):
        kind = random.choice(kinds)
        try:
            status = visit(client, kind)
            counts[str(status) if status >= 400 else "answered"] += 1
        except (OSError, ValueError, IndexError):
            counts["cut off"] += 1
            client.close()
            ended.wait(1)
    client.close()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def kill_cloudflared(pid):
    for child in children(pid):
        with open(f"/proc/{child}/comm") as file:
            if file.read().startswith("cloudflared"):
                os.kill(child, signal.SIGKILL)
                return


def disturb(pid, control):
    numbers = 0
    while not ended.wait(FAULT_INTERVAL):
        numbers += 1
        try:
            if numbers % 2:
                data = b'{"cut":"all"}'
                urllib.request.urlopen(f"{control}/fault", data, timeout=10).close()
                counts["cuts"] += 1
            else:
                kill_cloudflared(pid)
                counts["kills"] += 1
        except OSError as error:
            print(f"no fault: {error}", flush=True)


def status(pid):
    found = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM", "RssAnon", "RssFile"):
                found[name] = int(value.split()[0])
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    found["cpu"] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found["fds"] = len(os.listdir(f"/proc/{pid}/fd"))
    names = collections.Counter()
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/comm") as file:
                names[re.sub(r"\d+", "N", file.read().strip())] += 1
        except OSError:
            pass
    found["threads"] = names
    found["heaps"], found["heap"] = heaps(pid)
    return found


def heaps(pid):
    """Number of the allocator's arenas besides the first, and resident KiB of all heaps."""
    arenas, resident, is_heap, last = 0, 0, False, ""
    with open(f"/proc/{pid}/smaps") as file:
        for line in file:
            first = line.split()[0]
            if "-" in first and not first.endswith(":"):
                start, end = (int(it, 16) for it in first.split("-"))
                fields = line.split()
                is_anonymous = len(fields) == 5
                # Arenas of glibc start at multiples of 64 MiB.
                is_arena = is_anonymous and start % (64 << 20) == 0 and fields[1].startswith("rw")
                arenas += is_arena
                is_heap = is_arena or fields[-1] == "[heap]"
            elif first == "Rss:" and is_heap:
                resident += int(line.split()[1])
    return arenas, resident


def report(begun, pid):
    found = status(pid)
    threads = found["threads"]
    names = ", ".join(f"{count} {name}" for name, count in sorted(threads.items()))
    load = ", ".join(f"{round(count)} {what}" for what, count in sorted(counts.items()))
    print(
        f"{(time.time() - begun) / 60:5.1f} min  RSS {found['VmRSS']:6} KiB"
        f" (anonymous {found['RssAnon']:6}, files {found['RssFile']:6}, heap {found['heap']:6}"
        f" in 1+{found['heaps']} arenas, most {found['VmHWM']:6})"
        f"  threads {sum(threads.values()):2}  descriptors {found['fds']:3}"
        f"  CPU {found['cpu']:5.0f} s  | {names} | {load}",
        flush=True,
    )


def main():
    work = tempfile.mkdtemp(prefix="soak-")
    root = f"{work}/shared"
    os.mkdir(root)
    make_tree(root)
    edge = subprocess.Popen(
        [EDGE, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    addresses = json.loads(edge.stdout.readline())
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    # Settings of the allocator, such as MALLOC_ARENA_MAX, to see what it keeps.
    env |= {name: value for name, value in os.environ.items() if name.startswith("MALLOC_")}
    places = {
        "HOME": "home",
        "XDG_CONFIG_HOME": "config",
        "XDG_STATE_HOME": "state",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
        "XDG_RUNTIME_DIR": "run",
    }
    for name, place in places.items():
        os.makedirs(f"{work}/{place}", mode=0o700)
        env[name] = f"{work}/{place}"
    os.makedirs(f"{work}/config/spot-serve", mode=0o700)
    with open(f"{work}/config/spot-serve/config.toml", "w") as file:
        args = json.dumps(addresses["args"])
        file.write(
            f"[tunnel]\ncloudflared = {json.dumps(CLOUDFLARED)}\n"
            f"service = {json.dumps(addresses['api'])}\nargs = {args}\n"
        )
    log = open(f"{work}/output", "w+")
    share = subprocess.Popen(
        [PROGRAM, "share", "--foreground", root],
        env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )
    output = ""
    for _ in range(600):
        with open(f"{work}/output") as file:
            output = file.read()
        if "trycloudflare.com" in output and "local: http" in output:
            break
        if share.poll() is not None:
            sys.exit(f"the share did not start: {output}")
        time.sleep(0.1)
    host = re.search(r"https://(\S+\.trycloudflare\.com)", output)[1]
    port = int(re.search(r"local: http://127\.0\.0\.1:(\d+)", output)[1])
    public_host, _, public_port = addresses["public"].rpartition(":")
    tunnel = ((public_host, int(public_port)), host)
    local = (("127.0.0.1", port), f"127.0.0.1:{port}")

    begun = time.time()
    print("before any visitor:", flush=True)
    report(begun, share.pid)
    threads = [threading.Thread(target=disturb, args=(share.pid, addresses["control"]))]
    mixed = ["small"] * 5 + ["listing"] * 2 + ["picture"] * 3 + ["range"] * 2
    for where, kinds, pause, number in (
        (tunnel, mixed, 1, 6),
        (local, mixed, 1, 3),
        (tunnel, ["large", "cut", "zip"], 5, 3),
        (local, ["large", "cut", "zip"], 5, 1),
        (tunnel, ["slow"], 5, 4),
        (local, ["idle"], 5, 20),
    ):
        for _ in range(number):
            threads.append(threading.Thread(target=visitor, args=(*where, kinds, pause)))
    for thread in threads:
        thread.daemon = True
        thread.start()
    while time.time() - begun < SECONDS and share.poll() is None:
        left = SECONDS - (time.time() - begun)
        time.sleep(max(0, min(REPORT_INTERVAL, left)))
        report(begun, share.pid)
    ended.set()
    for thread in threads:
        thread.join(timeout=10)
    time.sleep(REST)
    print(f"{REST} seconds after the last visitor:", flush=True)
    report(begun, share.pid)
    share.send_signal(signal.SIGTERM)
    code = share.wait(20)
    edge.stdin.close()
    edge.wait(20)
    print(f"Spot Serve exited with {code}.", flush=True)
    subprocess.run(["rm", "-rf", work], check=False)


if __name__ == "__main__":
    main()
