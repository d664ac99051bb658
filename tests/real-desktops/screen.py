#!/usr/bin/python3
"""Finds things on the screen as a person does, and clicks them with the real pointer.

usage: screen.py [--click BUTTON | --hover] [--in X,Y,W,H] [--wait SECONDS] COMMAND

  icon [STATE]     the tray icon in this state (idle, busy, online or problem; any without): by its colours,
                   or by its shape on desktops that have symbolic icons (SYMBOLIC_ICONS=1)
  text TEXT        a line or a part of it; letters and digits are compared, "|" separates alternatives
  sharp-icon STATE the tray icon, drawn with every pixel of a fine screen, and not enlarged
  no-icon          there is none
  no-text TEXT     there is none
  words            everything that can be read, to look at

Waits until it is there, at most SECONDS (60), and prints its place. Exit status 1: it did not come.
"""
import argparse
import collections
import csv
import hashlib
import io
import mmap
import os
import pickle
import re
import struct
import subprocess
import sys
import time

COLOURS = {"idle": (123, 130, 138), "busy": (43, 131, 217), "online": (22, 156, 97), "problem": (220, 67, 55)}
PICTURES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../icons/svg")
# The panel is this close to an edge of the screen.
EDGE = 64
IS_SYMBOLIC = os.environ.get("SYMBOLIC_ICONS") == "1"
SCALE = int(os.environ.get("SCALE", "1"))
# Height of the panel, where icons are found by their shape: GNOME's, if it isn't said.
PANEL = int(os.environ.get("PANEL", "32"))
# Writing of this size is read well.
ENLARGED = 2 / SCALE


class Screen:
    """The picture that the X server draws, which it keeps in a file."""

    def __init__(self):
        path = os.path.join(os.environ["SPOT_SERVE_DESKTOP"], "Xvfb_screen0")
        with open(path, "rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        head = struct.unpack(">25I", self.memory[:100])
        self.width, self.height, self.line = head[4], head[5], head[12]
        self.start = head[0] + head[19] * 12

    def rows(self, area):
        x, y, width, height = area
        for line in range(y, y + height):
            begin = self.start + line * self.line + x * 4
            yield self.memory[begin : begin + width * 4]

    def whole(self):
        return 0, 0, self.width, self.height

    def png(self, area):
        x, y, width, height = area
        pixels = b"".join(self.rows(area))
        command = ["convert", "-size", f"{width}x{height}", "-depth", "8", "bgra:-", "-alpha", "off"]
        # What differs from its surroundings is writing, on whatever ground.
        ground = ["-resize", f"{100 / SCALE}%", "-statistic", "Median", "13x13", "-resize", f"{width}x{height}!"]
        command += ["-colorspace", "Gray", "(", "+clone", *ground, ")"]
        command += ["-compose", "difference", "-composite", "-level", "0%,45%", "-negate"]
        command += ["-resize", f"{ENLARGED * 100}%", "png:-"]
        return subprocess.run(command, input=pixels, stdout=subprocess.PIPE, check=True).stdout


def strips(screen):
    """Where panels are."""
    return (0, 0, screen.width, EDGE * SCALE), (0, screen.height - EDGE * SCALE, screen.width, EDGE * SCALE)


def points_of_icon(screen, wanted):
    """The densest square with one of these colours."""
    colours = [COLOURS[wanted]] if wanted else COLOURS.values()
    best = []
    for strip in strips(screen):
        cells = {}
        for y, row in enumerate(screen.rows(strip), strip[1]):
            for x in range(screen.width):
                blue, green, red = row[x * 4 : x * 4 + 3]
                if any(abs(red - r) < 7 and abs(green - g) < 7 and abs(blue - b) < 7 for r, g, b in colours):
                    cells.setdefault((x // (17 * SCALE), y // (17 * SCALE)), []).append((x, y))
        for x, y in cells:
            points = [point for right in (0, 1) for down in (0, 1) for point in cells.get((x + right, y + down), [])]
            if len(points) >= 20 and len(points) > len(best):
                best = points
    return best


def coloured_icon(screen, wanted):
    points = points_of_icon(screen, wanted)
    if points:
        return sum(x for x, _ in points) // len(points), sum(y for _, y in points) // len(points)


def drawn_in_colour(screen, state):
    """The icon as rows of brightness."""
    points = points_of_icon(screen, state)
    if not points:
        return None
    (left, right), (top, bottom) = ((min(each) - 2, max(each) + 3) for each in zip(*points))
    rows = list(screen.rows((left, top, right - left, bottom - top)))
    # Of the colour's strongest part. Nothing else is there as often as the ground.
    ground, _ = collections.Counter(row[x * 4 : x * 4 + 3] for row in rows for x in range(right - left)).most_common(1)[0]
    differences = [abs(colour - each) for colour, each in zip(reversed(COLOURS[state]), ground)]
    part = differences.index(max(differences))
    levels = [[min(255, abs(row[x * 4 + part] - ground[part]) * 255 // max(differences)) for x in range(right - left)] for row in rows]
    _, (left, top, right, bottom) = shape(levels)
    return [row[left:right] for row in levels[top:bottom]]


def shape(levels):
    """A picture, given as rows of brightness, as 8 by 8 fields, without the edges that are empty."""
    lit = [(x, y) for y, row in enumerate(levels) for x, level in enumerate(row) if level > 60]
    if not lit:
        return None, None
    (left, right), (top, bottom) = ((min(each), max(each) + 1) for each in zip(*lit))
    fields = []
    for row in range(8):
        for column in range(8):
            ys = [top + (bottom - top) * (row + part / 3) / 8 for part in (0.5, 1.5, 2.5)]
            xs = [left + (right - left) * (column + part / 3) / 8 for part in (0.5, 1.5, 2.5)]
            fields.append(sum(levels[int(y)][int(x)] for y in ys for x in xs))
    mean = sum(fields) / 64
    length = sum((field - mean) ** 2 for field in fields) ** 0.5 or 1
    return [(field - mean) / length for field in fields], (left, top, right, bottom)


def kept(name, make):
    """What `make` returns, from a file if it was made before."""
    path = os.path.join(os.environ["SPOT_SERVE_DESKTOP"], "screen-" + name)
    try:
        with open(path, "rb") as file:
            return pickle.load(file)
    except FileNotFoundError:
        made = make()
        with open(path + ".new", "wb") as file:
            pickle.dump(made, file)
        os.rename(path + ".new", path)
        return made


def symbolic_shapes():
    for state in COLOURS:
        drawn = subprocess.run(["rsvg-convert", "-w", "48", "-h", "48", f"{PICTURES}/tray-{state}-symbolic.svg"], stdout=subprocess.PIPE, check=True)
        gray = subprocess.run(["convert", "-", "-alpha", "extract", "-depth", "8", "gray:-"], input=drawn.stdout, stdout=subprocess.PIPE, check=True)
        yield state, shape([gray.stdout[line : line + 48] for line in range(0, 48 * 48, 48)])[0]


def symbolic_icons(screen):
    """What stands alone in the panel: how much it looks like the picture of each state, where it is, and its
    rows of brightness."""
    for strip in strips(screen):
        rows = [[max(row[x * 4 : x * 4 + 3]) for x in range(screen.width)] for row in screen.rows(strip)]
        # Of the panel alone.
        first = 0 if strip[1] == 0 else len(rows) - PANEL * SCALE
        rows = rows[first : first + PANEL * SCALE]
        ground = rows[1][1]
        lit = [any(abs(row[x] - ground) > 60 for row in rows) for x in range(screen.width)]
        begin = None
        for x in range(screen.width):
            if lit[x] and begin is None:
                begin = x
            if begin is not None and not any(lit[x : x + 3]):
                if 10 * SCALE <= x - begin <= 24 * SCALE:
                    levels = [[abs(level - ground) for level in row[begin:x]] for row in rows]
                    there, (left, top, right, bottom) = shape(levels)
                    place = begin + (left + right) // 2, strip[1] + first + (top + bottom) // 2
                    drawn = [row[left:right] for row in levels[top:bottom]]
                    for state, picture in kept("shapes", lambda: list(symbolic_shapes())):
                        yield sum(a * b for a, b in zip(there, picture)), state, place, drawn
                begin = None


def symbolic_icon(screen, wanted):
    alike, state, place, _ = max(symbolic_icons(screen), default=(0, "", (0, 0), []))
    if alike > 0.8 and wanted in (None, state):
        return place


def sharp_icon(screen, wanted):
    """The icon, if it looks more like the picture in this size than like an enlarged one of half the size."""
    if IS_SYMBOLIC:
        alike, state, place, drawn = max(symbolic_icons(screen), default=(0, "", (0, 0), []))
        name = f"tray-{wanted}-symbolic.svg"
        if alike < 0.8 or wanted != state:
            return None
    else:
        place, drawn, name = coloured_icon(screen, wanted), drawn_in_colour(screen, wanted), f"tray-{wanted}.svg"
        if not place:
            return None
    width, height = len(drawn[0]), len(drawn)
    picture = subprocess.run(["rsvg-convert", "-w", "512", f"{PICTURES}/{name}"], stdout=subprocess.PIPE, check=True)

    def difference(*sizes):
        resized = [word for size in sizes for word in ("-resize", size)]
        command = ["convert", "-", "-alpha", "extract", "-trim", "+repage", *resized, "-depth", "8", "gray:-"]
        made = subprocess.run(command, input=picture.stdout, stdout=subprocess.PIPE, check=True).stdout
        brightest = max(map(max, drawn))
        return sum(abs(level / brightest - made[y * width + x] / 255) for y, row in enumerate(drawn) for x, level in enumerate(row))

    sharp = difference(f"{width}x{height}!")
    enlarged = difference(f"{width // 2}x{height // 2}!", f"{width}x{height}!")
    screen.read = f"an icon of {width} by {height} pixels, which differs by {sharp:.1f} from a sharp one and by {enlarged:.1f} from an enlarged one"
    if sharp < enlarged:
        return place


def lines(screen, area):
    """The words of each line that can be read, with their places."""
    picture = hashlib.sha256(repr(area).encode() + b"".join(screen.rows(area)))
    return kept(picture.hexdigest(), lambda: read_lines(screen, area))


def read_lines(screen, area):
    command = ["tesseract", "-", "-", "--psm", "11", "tsv"]
    one_thread = os.environ | {"OMP_THREAD_LIMIT": "1"}
    read = subprocess.run(command, input=screen.png(area), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=one_thread, check=True)
    found = {}
    for row in csv.DictReader(io.StringIO(read.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["text"] and row["text"].strip():
            middle = [int(row[at]) + int(row[size]) / 2 for at, size in (("left", "width"), ("top", "height"))]
            place = [round(offset + each / ENLARGED) for offset, each in zip(area, middle)]
            line = row["block_num"], row["par_num"], row["line_num"]
            found.setdefault(line, []).append((row["text"], *place))
    return list(found.values())


def plain(text):
    """Without what is easily misread."""
    alike = text.lower().replace("0", "o").replace("1", "l").replace("|", "l").replace("i", "l")
    return re.sub(r"[^a-z0-9]", "", alike)


def text(screen, area, wanted):
    found = lines(screen, area)
    for each in map(plain, wanted.split("|")):
        for line in found:
            for first in range(len(line)):
                so_far = ""
                for last in range(first, len(line)):
                    so_far += plain(line[last][0])
                    if so_far == each:
                        part = line[first : last + 1]
                        return sum(word[1] for word in part) // len(part), sum(word[2] for word in part) // len(part)
                    if not each.startswith(so_far):
                        break
    screen.read = " / ".join(" ".join(word[0] for word in line) for line in found)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1], add_help=False)
    parser.add_argument("--click")
    parser.add_argument("--hover", action="store_true")
    parser.add_argument("--in", dest="area")
    parser.add_argument("--wait", type=float, default=float(os.environ.get("SCREEN_WAIT", "60")))
    parser.add_argument("command", choices=["icon", "sharp-icon", "text", "no-icon", "no-text", "words"])
    parser.add_argument("what", nargs="?")
    said = parser.parse_args()
    screen = Screen()
    screen.read = ""
    area = tuple(map(int, said.area.split(","))) if said.area else screen.whole()

    seen = None

    def look():
        nonlocal seen
        if said.command.endswith("text"):
            # Reading takes a second: only what is new, and stands still.
            now = b"".join(screen.rows(area))
            if now == seen and not screen.read_at + 5 < time.monotonic():
                return screen.last
            time.sleep(0.1)
            if now != b"".join(screen.rows(area)):
                return said.command.startswith("no-")
            seen, screen.read_at = now, time.monotonic()
            screen.last = text(screen, area, said.what)
            return screen.last
        if said.command == "sharp-icon":
            return sharp_icon(screen, said.what)
        return (symbolic_icon if IS_SYMBOLIC else coloured_icon)(screen, said.what)

    if said.command == "words":
        for line in lines(screen, area):
            print(line[0][1], line[0][2], " ".join(word[0] for word in line))
        return
    give_up = time.monotonic() + said.wait
    while True:
        place = look()
        if bool(place) != said.command.startswith("no-"):
            break
        if time.monotonic() > give_up:
            sys.exit(f"screen: {said.command} {said.what or ''}: it did not come true; there is: {screen.read[:1000]}")
        time.sleep(0.1)
    if place:
        print(*place)
    if place and (said.click or said.hover):
        subprocess.run(["xdotool", "mousemove", *map(str, place)], check=True)
        if said.click:
            # A click without duration is missed by some.
            subprocess.run(["xdotool", "mousedown", said.click, "sleep", "0.08", "mouseup", said.click], check=True)


if __name__ == "__main__":
    main()
