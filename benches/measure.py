#!/usr/bin/python3
"""Measures Spot Serve in a test desktop; see run.sh.

usage: measure.py PROGRAM CLOUDFLARED EDGE.json NOTIFICATIONS.jsonl ROUNDS
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import dashboard  # noqa: E402

program, cloudflared, edge_file, notifications, rounds = sys.argv[1:6]
edge, rounds = json.loads(Path(edge_file).read_text()), int(rounds)
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
context = GLib.MainContext.default()
WATCHER = "org.kde.StatusNotifierWatcher"
items = []
bus.signal_subscribe(
    WATCHER, WATCHER, "StatusNotifierItemRegistered", None, None, 0,
    lambda *about: items.append((time.monotonic(), about[5].unpack()[0])),
)


def until(found, limit=30):
    """Processes bus messages until `found` returns a value."""
    end = time.monotonic() + limit
    while not (value := found()):
        if not context.iteration(False):
            time.sleep(0.0002)
        if time.monotonic() > end:
            sys.exit("measure.py: timed out")
    return value


def start():
    """Starts Spot Serve. Returns the process, its bus name, and the seconds until the icon was registered."""
    items.clear()
    began = time.monotonic()
    process = subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    at, name = until(lambda: items and items[0])
    return process, name.split("/")[0], at - began


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def menu(name, method, args):
    return bus.call_sync(name, "/MenuBar", "com.canonical.dbusmenu", method, args, None, 0, 5000, None).unpack()


def click(name, label):
    def rows(row):
        yield row
        for child in row[2]:
            yield from rows(child)

    layout = menu(name, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))[1]
    row = next(row for row in rows(layout) if row[1].get("label") == label)
    event = GLib.Variant("(isvu)", (row[0], "clicked", GLib.Variant("i", 0), 0))
    menu(name, "Event", event)


def online_notifications():
    return Path(notifications).read_text().count("is online")


def click_to_link(name):
    """Seconds from the click to the notification, which follows once the link is on the clipboard."""
    before = online_notifications()
    began = time.monotonic()
    click(name, "Photos")
    while online_notifications() == before:
        time.sleep(0.001)
    return time.monotonic() - began


def bare_cloudflared():
    """Seconds from the start of `cloudflared tunnel --url` to its registration with the edge."""
    command = [cloudflared, "tunnel", "--config", "/dev/null", "--no-autoupdate", "--protocol", "quic",
               "--url", "http://127.0.0.1:9", *edge["args"]]
    began = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for line in process.stderr:
        if b"Registered tunnel connection" in line:
            break
    seconds = time.monotonic() - began
    process.terminate()
    process.stderr.read()
    process.wait(10)
    return seconds


def memory_kb(process):
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return {line.split()[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}


def wake_ups(process):
    """How often any thread of the process was scheduled."""
    total = 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                total += int(line.split()[1])
    return total


def row(what, value, want):
    print(f"{what:<52} {value:>16}   {want}")


def ms(values):
    return f"{statistics.median(values) * 1000:.1f} ms"


starts = []
for _ in range(rounds):
    process, name, seconds = start()
    starts.append(seconds)
    stop(process)

process, name, _ = start()
# Let start-up settle: tokio's idle threads end after 10 s.
time.sleep(12)
before = wake_ups(process)
time.sleep(10)
woken = wake_ups(process) - before
idle = memory_kb(process)

ours, bare = [], []
sharing = None
for _ in range(rounds):
    ours.append(click_to_link(name))
    if sharing is None:
        time.sleep(12)
        sharing = memory_kb(process)
    click(name, "Stop Sharing")
    layout = GLib.Variant("(iias)", (0, -1, []))
    until(lambda: "Stop Sharing" not in str(menu(name, "GetLayout", layout)))
    bare.append(bare_cloudflared())
page_kb, live_cpu, live_rate = dashboard.measure(process, program, memory_kb)
watched, recorded = dashboard.measure_watching(process, program)
stop(process)

print(f"{rounds} rounds, medians; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
row("", "measured", "goal")
row("start to icon registered", ms(starts), "20 ms")
row("idle: PSS (RSS)", f"{idle['Pss:'] / 1024:.1f} ({idle['Rss:'] / 1024:.1f}) MB", "8 MB")
row("idle: wake-ups in 10 s", woken, "0")
row("one share: PSS (RSS)", f"{sharing['Pss:'] / 1024:.1f} ({sharing['Rss:'] / 1024:.1f}) MB", "12 MB")
row("click to link", ms(ours), "")
row("bare cloudflared: start to registered", ms(bare), "")
row("difference, paired", ms([a - b for a, b in zip(ours, bare)]), "60 ms")
row("dashboard open: PSS added", f"{page_kb / 1024:.1f} MB", "4 MB")
live = f"{live_cpu * 100:.1f} %, {live_rate:.1f}/s"
row(f"{dashboard.TRANSFERS} live transfers on it: CPU, updates", live, "5 %, 4/s")
row("small files: alone against watched", f"{watched:.2f}", "0.95")
row("local site: alone against recorded", f"{recorded:.2f}", "0.95")
row("release binary", f"{os.path.getsize(program) / 1e6:.2f} MB", "10 MB")
