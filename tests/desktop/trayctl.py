#!/usr/bin/python3
"""Drives a tray icon over D-Bus, as a panel does. Runs inside desktop.sh.

usage: trayctl.py [--item ID] [--wait SECONDS] COMMAND

  wait [LABEL]     wait until the icon exists (and its menu has an item LABEL)
  items            one line per icon: bus name, object path, pid, Id
  props            the icon's properties as JSON, with sizes and hashes of its pictures
  tree             the menu, indented, one label per line, with its marks
  menu-json        the menu as JSON: label, enabled, checked, children
  click LABEL      click the item, as with the mouse
  activate [HOW]   Activate (left click, the default), SecondaryActivate or ContextMenu

LABEL is an item's text after those of its parents: 'Recent Folders>Photos'. A `*` in it
matches any text: 'Photos – *.trycloudflare.com>Copy Link'. Every command waits up to
SECONDS (default 60) for what it needs. ID is the icon's own Id property.
Exit status 1, and a sentence on standard error, if it did not appear; 2 if the icon or
its menu did not respond.
"""
import argparse
import hashlib
import json
import re
import sys
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
CALL_TIMEOUT_MS = 60_000


class NotYet(Exception):
    """It does not exist yet, but may appear."""

    exit_status = 1


class NotAsked(NotYet):
    """There is no reply, or not in time."""

    exit_status = 2


class Bus:
    def __init__(self):
        self.connection = Gio.bus_get_sync(Gio.BusType.SESSION)

    def call(self, name, path, interface, method, arguments=None):
        try:
            answer = self.connection.call_sync(
                name, path, interface, method, arguments, None,
                Gio.DBusCallFlags.NO_AUTO_START, CALL_TIMEOUT_MS, None,
            )
        except GLib.Error as error:
            raise NotAsked(error.message) from error
        return answer.unpack()

    def property(self, name, path, interface, key):
        arguments = GLib.Variant("(ss)", (interface, key))
        return self.call(name, path, "org.freedesktop.DBus.Properties", "Get", arguments)[0]


class Tray:
    def __init__(self, bus, wanted_id):
        self.bus, self.wanted_id = bus, wanted_id

    def items(self):
        """(bus name, object path) of every registered icon."""
        names = self.bus.property(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")
        for entry in names:
            # GNOME's extension separates the two by "@".
            entry = entry.replace("@/", "/")
            slash = entry.find("/")
            yield (entry[:slash], entry[slash:]) if slash >= 0 else (entry, "/StatusNotifierItem")

    def item(self):
        for name, path in self.items():
            if self.wanted_id in (None, self.bus.property(name, path, ITEM, "Id")):
                return name, path
        raise NotAsked("no tray icon" + (f" with Id {self.wanted_id}" if self.wanted_id else ""))

    def properties(self, name, path):
        arguments = GLib.Variant("(s)", (ITEM,))
        return self.bus.call(name, path, "org.freedesktop.DBus.Properties", "GetAll", arguments)[0]

    def pid(self, name):
        bus = "org.freedesktop.DBus"
        arguments = GLib.Variant("(s)", (name,))
        return self.bus.call(bus, "/org/freedesktop/DBus", bus, "GetConnectionUnixProcessID", arguments)[0]

    def menu(self):
        """The whole menu as nested dictionaries, and its address."""
        name, path = self.item()
        where = name, self.bus.property(name, path, ITEM, "Menu")
        # A panel announces that it is about to open the menu; some programs fill it only then.
        self.bus.call(*where, MENU, "AboutToShow", GLib.Variant("(i)", (0,)))
        root = self.bus.call(*where, MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))[1]
        return shown(root[2]), where

    def find(self, label):
        entries, where = self.menu()
        matches = [re.compile(".*".join(map(re.escape, part.split("*")))) for part in label.split(">")]
        for depth, match in enumerate(matches):
            found = next((e for e in entries if match.fullmatch(e.get("label", ""))), None)
            if found is None:
                have = ", ".join(repr(e.get("label", "--")) for e in entries)
                raise NotYet(f"no item {label!r}; at level {depth + 1} there is {have or 'nothing'}")
            entries = found["children"]
        return found, where

    def click(self, label):
        found, where = self.find(label)
        if not found["enabled"]:
            raise NotYet(f"item {label!r} is disabled")
        # A program that has just rebuilt its menu refuses the id: try again with the new one.
        arguments = GLib.Variant("(isvu)", (found["id"], "clicked", GLib.Variant("i", 0), 0))
        self.bus.call(*where, MENU, "Event", arguments)

    def activate(self, how):
        self.bus.call(*self.item(), ITEM, how, GLib.Variant("(ii)", (0, 0)))


def shown(nodes):
    """Those that can be seen."""
    return [entry(node) for node in nodes if node[1].get("visible", True)]


def entry(node):
    """A dbusmenu node as a dictionary that a test can compare."""
    number, properties, children = node
    said = {"id": number}
    if properties.get("type") == "separator":
        return said | {"separator": True, "enabled": False, "children": []}
    said["label"] = without_mnemonics(properties.get("label", ""))
    said["enabled"] = properties.get("enabled", True)
    if properties.get("toggle-type"):
        said[{"checkmark": "check", "radio": "radio"}[properties["toggle-type"]]] = (
            properties.get("toggle-state", 0) == 1
        )
    said["children"] = shown(children)
    return said


def without_mnemonics(label):
    """dbusmenu marks the access key with `_` and writes `__` for a real one."""
    return re.sub(r"_(.?)", r"\1", label)


def without_ids(entries):
    """Without ids, which change with every update, so that menus can be compared."""
    return [
        {key: value for key, value in e.items() if key not in ("id", "children")}
        | ({"children": without_ids(e["children"])} if e["children"] else {})
        for e in entries
    ]


def print_tree(entries, depth=0):
    for e in entries:
        marks = "".join(f"  [{kind} {'on' if e[kind] else 'off'}]" for kind in ("check", "radio") if kind in e)
        marks += "  (disabled)" if not e["enabled"] and "separator" not in e else ""
        print("    " * depth + e.get("label", "--------") + marks)
        print_tree(e["children"], depth + 1)


def printable(properties):
    pictures = {"IconPixmap", "AttentionIconPixmap", "OverlayIconPixmap"}
    for key in pictures & properties.keys():
        properties[key] = [
            {"width": w, "height": h, "sha256": hashlib.sha256(bytes(pixels)).hexdigest()}
            for w, h, pixels in properties[key]
        ]
    if "ToolTip" in properties:
        properties["ToolTip"] = {"title": properties["ToolTip"][2], "text": properties["ToolTip"][3]}
    return properties


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1], add_help=False)
    parser.add_argument("--item")
    parser.add_argument("--wait", type=float, default=60)
    parser.add_argument("command", choices=["wait", "items", "props", "tree", "menu-json", "click", "activate"])
    parser.add_argument("argument", nargs="?")
    said = parser.parse_args()
    if said.command == "click" and not said.argument:
        parser.error("click needs a LABEL")
    tray = Tray(Bus(), said.item)

    def carry_out():
        if said.command == "wait":
            tray.find(said.argument) if said.argument else tray.item()
        elif said.command == "items":
            for name, path in tray.items():
                print(name, path, tray.pid(name), tray.bus.property(name, path, ITEM, "Id"))
        elif said.command == "props":
            print(json.dumps(printable(tray.properties(*tray.item())), ensure_ascii=False, indent=2))
        elif said.command == "tree":
            print_tree(tray.menu()[0])
        elif said.command == "menu-json":
            print(json.dumps(without_ids(tray.menu()[0]), ensure_ascii=False, indent=2))
        elif said.command == "click":
            tray.click(said.argument)
        elif said.command == "activate":
            tray.activate(said.argument or "Activate")

    give_up = time.monotonic() + said.wait
    while True:
        try:
            return carry_out()
        except NotYet as why:
            if time.monotonic() > give_up:
                print(f"trayctl: {why}", file=sys.stderr)
                sys.exit(why.exit_status)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
