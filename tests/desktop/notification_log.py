#!/usr/bin/python3
"""Writes every notification on the session bus to a file, one JSON object per line.

usage: notification_log.py FILE

dunst's own history has only what was closed; this sees what is shown, what replaced
what, and which action was sent back:
    {"event": "notify", "id": 3, "replaces": 0, "app": ..., "icon": ..., "summary": ...,
     "body": ..., "actions": {KEY: LABEL}, "hints": [NAME...], "timeout": MILLISECONDS}
    {"event": "closed", "id": 3, "reason": N}
    {"event": "action", "id": 3, "key": KEY}
"""
import json
import subprocess
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio

RULES = [
    "interface='org.freedesktop.Notifications'",
    "type='method_return',sender='org.freedesktop.Notifications'",
]
HEADER_BYTES = 16  # enough of a D-Bus message to tell its length


def messages(stream):
    while True:
        header = stream.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            return
        rest = stream.read(Gio.DBusMessage.bytes_needed(header) - HEADER_BYTES)
        yield Gio.DBusMessage.new_from_blob(header + rest, Gio.DBusCapabilityFlags.NONE)


def main():
    monitor = subprocess.Popen(["dbus-monitor", "--session", "--binary", *RULES], stdout=subprocess.PIPE)
    log = open(sys.argv[1], "a", encoding="utf-8")

    def write(**event):
        print(json.dumps(event, ensure_ascii=False), file=log, flush=True)

    waiting = {}  # (caller, serial) of a Notify -> what it said, until its id is known
    for message in messages(monitor.stdout):
        member, kind = message.get_member(), message.get_message_type()
        body = message.get_body()
        values = body.unpack() if body else ()
        if kind == Gio.DBusMessageType.METHOD_CALL and member == "Notify":
            app, replaces, icon, summary, text, actions, hints, timeout = values
            waiting[message.get_sender(), message.get_serial()] = dict(
                replaces=replaces, app=app, icon=icon, summary=summary, body=text,
                actions=dict(zip(actions[::2], actions[1::2])), hints=sorted(hints), timeout=timeout,
            )
        elif kind == Gio.DBusMessageType.METHOD_RETURN:
            said = waiting.pop((message.get_destination(), message.get_reply_serial()), None)
            if said:
                write(event="notify", id=values[0], **said)
        elif member == "NotificationClosed":
            write(event="closed", id=values[0], reason=values[1])
        elif member == "ActionInvoked":
            write(event="action", id=values[0], key=values[1])
        elif member == "NameAcquired":
            print("watching", flush=True)  # the monitor's own first message


if __name__ == "__main__":
    main()
