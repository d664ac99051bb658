#!/usr/bin/python3
"""A minimal tray icon that tests the desktop itself.

usage: sample_item.py LOG     Writes "clicked LABEL" and "activated" to LOG, a line each.
Its menu is Greet, Places > Here / There (disabled), Under_score, a check mark and Quit.
"""
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

XML = """<node>
 <interface name="org.kde.StatusNotifierItem">
  <property name="Id" type="s" access="read"/><property name="Category" type="s" access="read"/>
  <property name="Status" type="s" access="read"/><property name="Title" type="s" access="read"/>
  <property name="IconName" type="s" access="read"/><property name="Menu" type="o" access="read"/>
  <property name="ItemIsMenu" type="b" access="read"/>
  <property name="IconPixmap" type="a(iiay)" access="read"/>
  <method name="Activate"><arg type="i" direction="in"/><arg type="i" direction="in"/></method>
 </interface>
 <interface name="com.canonical.dbusmenu">
  <property name="Version" type="u" access="read"/><property name="Status" type="s" access="read"/>
  <property name="TextDirection" type="s" access="read"/><property name="IconThemePath" type="as" access="read"/>
  <method name="GetLayout"><arg type="i" direction="in"/><arg type="i" direction="in"/>
   <arg type="as" direction="in"/><arg type="u" direction="out"/><arg type="(ia{sv}av)" direction="out"/></method>
  <method name="GetGroupProperties"><arg type="ai" direction="in"/><arg type="as" direction="in"/>
   <arg type="a(ia{sv})" direction="out"/></method>
  <method name="AboutToShow"><arg type="i" direction="in"/><arg type="b" direction="out"/></method>
  <method name="Event"><arg type="i" direction="in"/><arg type="s" direction="in"/>
   <arg type="v" direction="in"/><arg type="u" direction="in"/></method>
  <method name="EventGroup"><arg type="a(isvu)" direction="in"/><arg type="ai" direction="out"/></method>
  <signal name="LayoutUpdated"><arg type="u"/><arg type="i"/></signal>
 </interface>
</node>"""

SIZE = 22
PICTURE = [(SIZE, SIZE, bytes((255, 220, 40, 160)) * SIZE * SIZE)]  # one colour, ARGB
ITEM_PROPERTIES = {
    "Id": ("s", "sample-item"), "Category": ("s", "ApplicationStatus"), "Status": ("s", "Active"),
    "Title": ("s", "Sample"), "IconName": ("s", ""), "Menu": ("o", "/Menu"),
    "ItemIsMenu": ("b", False), "IconPixmap": ("a(iiay)", PICTURE),
}
MENU_PROPERTIES = {
    "Version": ("u", 3), "Status": ("s", "normal"), "TextDirection": ("s", "ltr"), "IconThemePath": ("as", []),
}
text = lambda s: GLib.Variant("s", s)
NODES = {  # id -> (parent, properties); dbusmenu writes a real underscore twice
    0: (None, {"children-display": text("submenu")}),
    1: (0, {"label": text("Greet")}),
    2: (0, {"label": text("Places"), "children-display": text("submenu")}),
    3: (2, {"label": text("Here")}),
    4: (2, {"label": text("There"), "enabled": GLib.Variant("b", False)}),
    5: (0, {"label": text("Under__score")}),
    6: (0, {"type": text("separator")}),
    7: (0, {"label": text("Marked"), "toggle-type": text("checkmark"), "toggle-state": GLib.Variant("i", 1)}),
    8: (0, {"label": text("_Quit")}),
}


def layout(node):
    children = [GLib.Variant("(ia{sv}av)", layout(i)) for i, (parent, _) in NODES.items() if parent == node]
    return node, NODES[node][1], children


def main():
    log = open(sys.argv[1], "a", encoding="utf-8")
    loop = GLib.MainLoop()
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def write(line):
        print(line, file=log, flush=True)

    def on_call(_bus, _sender, _path, _interface, method, arguments, invocation):
        answer, values = None, arguments.unpack()
        if method == "Activate":
            write("activated")
        elif method == "GetLayout":
            answer = GLib.Variant("(u(ia{sv}av))", (1, layout(values[0])))
        elif method == "GetGroupProperties":
            wanted = values[0] or list(NODES)
            answer = GLib.Variant("(a(ia{sv}))", ([(i, NODES[i][1]) for i in wanted],))
        elif method == "AboutToShow":
            answer = GLib.Variant("(b)", (False,))
        elif method == "Event":
            on_event(*values)
        elif method == "EventGroup":
            for event in values[0]:
                on_event(*event)
            answer = GLib.Variant("(ai)", ([],))
        invocation.return_value(answer)

    def on_event(node, kind, _data, _time):
        if kind != "clicked":
            return
        label = NODES[node][1]["label"].get_string()
        write(f"clicked {label}")
        if label == "_Quit":
            GLib.idle_add(loop.quit)

    def on_get(_bus, _sender, _path, interface, name):
        kind, value = (ITEM_PROPERTIES if interface.endswith("Item") else MENU_PROPERTIES)[name]
        return GLib.Variant(kind, value)

    interfaces = Gio.DBusNodeInfo.new_for_xml(XML).interfaces
    for path, interface in zip(("/StatusNotifierItem", "/Menu"), interfaces):
        bus.register_object(path, interface, on_call, on_get, None)

    def on_watcher(*_):
        bus.call("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher",
                 "RegisterStatusNotifierItem", GLib.Variant("(s)", (bus.get_unique_name(),)),
                 None, Gio.DBusCallFlags.NONE, -1, None, None)

    Gio.bus_watch_name_on_connection(bus, "org.kde.StatusNotifierWatcher", 0, on_watcher, None)
    loop.run()


if __name__ == "__main__":
    main()
