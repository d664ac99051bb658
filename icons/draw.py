#!/usr/bin/env python3
"""Draws all icons of Spot Serve as SVG from one geometry.

The logo is a spot with two arcs. The tray shows it in four states, which differ
in shape as well as colour, so that they remain distinct in a single colour:

    idle     hollow spot          grey
    busy     dotted lower arc     blue
    online   full spot and arcs   green
    problem  badge with "!"       grey and red

Each state is drawn on two grids, 16 and 22 units: edges fall on whole pixels at
16, 32, 48, 64 and at 22, 24, 44. All shapes are filled, without strokes,
because GTK recolours only the fill of symbolic icons.

The colours have a contrast of at least 3:1 on both #f2f2f2 and #2b2b2b.
The output goes to svg/ next to this file; render.sh renders it.
"""
import math
from pathlib import Path

GREY, BLUE, GREEN, RED = "#7b828a", "#2b83d9", "#169c61", "#dc4337"
STATES = ("idle", "busy", "online", "problem")
OUT = Path(__file__).parent / "svg"


def number(x):
    return f"{x:.3f}".rstrip("0").rstrip(".")


def at(cx, cy, r, degrees):
    """The point at an angle: 0 is right, counter-clockwise."""
    a = math.radians(degrees)
    return f"{number(cx + r * math.cos(a))} {number(cy - r * math.sin(a))}"


def arc(cx, cy, r, width, start, end):
    """An arc with round ends, as a filled outline."""
    outer, inner, cap = (number(x) for x in (r + width / 2, r - width / 2, width / 2))
    long = int(end - start > 180)
    return (
        f"M{at(cx, cy, float(outer), start)}"
        f"A{outer} {outer} 0 {long} 0 {at(cx, cy, float(outer), end)}"
        f"A{cap} {cap} 0 0 0 {at(cx, cy, float(inner), end)}"
        f"A{inner} {inner} 0 {long} 1 {at(cx, cy, float(inner), start)}"
        f"A{cap} {cap} 0 0 0 {at(cx, cy, float(outer), start)}Z"
    )


def disc(cx, cy, r):
    r = number(r)
    top, bottom = at(cx, cy, float(r), 90), at(cx, cy, float(r), 270)
    return f"M{top}A{r} {r} 0 0 0 {bottom}A{r} {r} 0 0 0 {top}Z"


def hole(cx, cy, r):
    """A disc in the opposite direction, which makes a hole in another shape."""
    r = number(r)
    top, bottom = at(cx, cy, float(r), 90), at(cx, cy, float(r), 270)
    return f"M{top}A{r} {r} 0 0 1 {bottom}A{r} {r} 0 0 1 {top}Z"


def bitten(cx, cy, r, bite):
    """A disc minus a larger disc that lies below and to the right, at 45 degrees."""
    bx, by, br = bite
    d = math.hypot(bx - cx, by - cy)
    half = math.degrees(math.acos((d * d + r * r - br * br) / (2 * d * r)))
    start, end = at(cx, cy, r, -45 + half), at(cx, cy, r, -45 - half)
    return (
        f"M{start}A{number(r)} {number(r)} 0 1 0 {end}"
        f"A{number(br)} {number(br)} 0 0 1 {start}Z"
    )


def bar(x, y, width, height):
    """An upright bar with round ends, drawn clockwise to make a hole in a disc."""
    r = number(width / 2)
    left, right = number(x), number(x + width)
    top, bottom = number(y + width / 2), number(y + height - width / 2)
    return f"M{left} {top}A{r} {r} 0 0 1 {right} {top}V{bottom}A{r} {r} 0 0 1 {left} {bottom}Z"


# For each grid: centre, radius of the spot, its hollow and the arcs, and width of the arcs.
GRIDS = {
    16: dict(c=8, spot=3, hollow=1.5, r=6, w=2, badge=(12, 12, 4), bang=(2, 3.4)),
    22: dict(c=11, spot=4, hollow=2, r=8.5, w=3, badge=(16, 16, 5), bang=(2, 4.4)),
}


def tray(state, grid):
    """The shapes of a state as (part, path), where part is `mark` or `badge`."""
    g = GRIDS[grid]
    c, r, w = g["c"], g["r"], g["w"]
    spot, upper, lower = disc(c, c, g["spot"]), arc(c, c, r, w, 0, 90), arc(c, c, r, w, 180, 270)
    if state == "idle":
        return [("mark", spot + hole(c, c, g["hollow"])), ("mark", upper), ("mark", lower)]
    if state == "online":
        return [("mark", spot), ("mark", upper), ("mark", lower)]
    if state == "busy":
        dots = "".join(
            disc(*map(float, at(c, c, r, angle).split()), w * 0.6) for angle in (183, 225, 267)
        )
        return [("mark", spot), ("mark", upper), ("mark", dots)]
    bx, by, br = g["badge"]
    bang_w, bang_h = g["bang"]
    top = by - br + 1
    bang = bar(bx - bang_w / 2, top, bang_w, bang_h)
    point = hole(bx, by + br - 1 - bang_w / 2, bang_w / 2)
    return [
        ("mark", bitten(c, c, g["spot"], (bx, by, br + 1))),
        ("mark", arc(c, c, r, w, 28, 104)),
        ("mark", arc(c, c, r, w, 166, 242)),
        ("badge", disc(bx, by, br) + bang + point),
    ]


def document(size, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {size} {size}">\n{body}\n</svg>\n'
    )


def write_tray(state):
    mark = {"idle": GREY, "busy": BLUE, "online": GREEN, "problem": GREY}[state]
    for grid, suffix in ((16, ""), (22, "-22")):
        shapes = tray(state, grid)
        bx, by, br = GRIDS[grid]["badge"]
        coloured, black = [], []
        for part, path in shapes:
            if part == "badge":  # white behind the "!" on every panel
                coloured.append(f'<circle cx="{bx}" cy="{by}" r="{number(br - 0.5)}" fill="#fff"/>')
            coloured.append(f'<path fill="{RED if part == "badge" else mark}" d="{path}"/>')
            black.append(f'<path d="{path}"/>')
        (OUT / f"tray-{state}{suffix}.svg").write_text(document(grid, "\n".join(coloured)))
        # A single colour: a symbolic icon in GTK, a template in macOS.
        name = f"tray-{state}-symbolic.svg" if grid == 16 else f"tray-{state}-template.svg"
        (OUT / name).write_text(document(grid, "\n".join(black)))


def write_app():
    """A plate with the logo in white. The small version is bolder and has no highlight."""
    gradient = (
        '<defs><linearGradient id="plate" x1="0" y1="0" x2="1" y2="1">'
        '<stop offset="0" stop-color="#22b07d"/><stop offset="1" stop-color="#1a6fd0"/>'
        "</linearGradient></defs>"
    )
    c, big = 64, []
    big.append(gradient)
    big.append('<rect x="6" y="6" width="116" height="116" rx="28" fill="url(#plate)"/>')
    big.append('<rect x="7" y="7" width="114" height="114" rx="27" fill="none" stroke="#fff" stroke-opacity=".18" stroke-width="2"/>')
    big.append(f'<path fill="#fff" d="{disc(c, c, 17)}"/>')
    big.append(f'<path fill="#fff" d="{arc(c, c, 36, 11, 0, 90)}{arc(c, c, 36, 11, 180, 270)}"/>')
    (OUT / "app.svg").write_text(document(128, "\n".join(big)))

    small = [gradient, '<rect width="16" height="16" rx="3.5" fill="url(#plate)"/>']
    small.append(f'<path fill="#fff" d="{disc(8, 8, 2.5)}"/>')
    small.append(f'<path fill="#fff" d="{arc(8, 8, 5.1, 1.8, 0, 90)}{arc(8, 8, 5.1, 1.8, 180, 270)}"/>')
    (OUT / "app-small.svg").write_text(document(16, "\n".join(small)))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for each in STATES:
        write_tray(each)
    write_app()
