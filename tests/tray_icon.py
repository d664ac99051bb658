#!/usr/bin/python3
"""Prints the name of the tray icon of PROGRAM and the folder of its pictures, on a session bus where this
script takes the place of the panel.

usage: dbus-run-session -- tray_icon.py PROGRAM
"""
import subprocess
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACES = f"""<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
</interface></node>"""
LIMIT_S = 60

bus = Gio.bus_get_sync(Gio.BusType.SESSION)
loop = GLib.MainLoop()


def read(item):
    def property_of(name):
        asked = GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", name))
        return bus.call_sync(item, "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", asked, None, 0, -1, None).unpack()[0]

    print(property_of("IconName"), property_of("IconThemePath"))
    loop.quit()


def on_call(_bus, _sender, _path, _interface, _method, arguments, invocation):
    invocation.return_value(None)
    GLib.idle_add(read, arguments.unpack()[0])


def on_get(*_):
    return GLib.Variant("b", True)


interface = Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces[0]
bus.register_object("/StatusNotifierWatcher", interface, on_call, on_get, None)
Gio.bus_own_name_on_connection(bus, WATCHER, 0, None, None)
program = subprocess.Popen([sys.argv[1]], stdout=subprocess.DEVNULL)
GLib.timeout_add_seconds(LIMIT_S, lambda: sys.exit(f"{sys.argv[1]} showed no icon"))
loop.run()
program.terminate()
program.wait()
