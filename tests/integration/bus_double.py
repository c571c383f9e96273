#!/usr/bin/env python3
"""systemd and logind on a D-Bus of our own, as far as the exporters ask them.

Usage: bus_double.py STORY   with the bus in DBUS_SYSTEM_BUS_ADDRESS. Prints "ready" once it can be asked; STORY is JSON:
{"version": …, "state": …, "hang": [methods or properties that are never answered], "fail": [… that are refused],
"units": number of units made up besides}"""
import json
import re
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

SYSTEMD, LOGIND = "org.freedesktop.systemd1", "org.freedesktop.login1"
ROOT = "/org/freedesktop/"
INFINITE = 2**64 - 1
STORY = {"version": "252.38-1~deb12u1", "state": "running", "virtualization": "kvm", "hang": [], "fail": [], "units": 0,
         **json.loads(sys.argv[1])}


def service(kind, restarts, tasks, most, since):
    return {"Service.Type": kind, "Service.NRestarts": dbus.UInt32(restarts), "Service.TasksCurrent": dbus.UInt64(tasks),
            "Service.TasksMax": dbus.UInt64(most), "Unit.ActiveEnterTimestamp": dbus.UInt64(since)}


def socket(accepted, current, refused=None):
    found = {"Socket.NAccepted": dbus.UInt32(accepted), "Socket.NConnections": dbus.UInt32(current),
             "Unit.ActiveEnterTimestamp": dbus.UInt64(1700000000000001)}
    return found | ({} if refused is None else {"Socket.NRefused": dbus.UInt32(refused)})


# name: (load state, active state, properties)
UNITS = {
    "ssh.service": ("loaded", "active", service("notify", 3, 1, 4915, 1700000000123456)),
    "cron.service": ("loaded", "active", service("simple", 0, 7, INFINITE, 1700000001000000)),
    "broken.service": ("loaded", "failed", service("forking", 5, INFINITE, 100, 0)),
    "getty@tty1.service": ("loaded", "activating", service("idle", 0, 2, 9, 0)),
    "slow.service": ("loaded", "deactivating", service("oneshot", 0, 2, 9, 0)),
    "again.service": ("loaded", "reloading", service("dbus", 1, 2, 9, 1700000002000000)),
    "old.service": ("loaded", "active", {"Service.Type": "exec"}),
    "gone.service": ("not-found", "inactive", {}),
    "masked.service": ("masked", "inactive", {}),
    "untold.service": ("loaded", "inactive", {}),
    "ssh.socket": ("loaded", "active", socket(12, 3, 4)),
    "old.socket": ("loaded", "active", socket(1, 0)),
    "untold.socket": ("loaded", "inactive", {}),
    "apt-daily.timer": ("loaded", "active", {"Timer.LastTriggerUSec": dbus.UInt64(1700000003500000)}),
    "never.timer": ("loaded", "inactive", {"Timer.LastTriggerUSec": dbus.UInt64(0)}),
    "srv-a\\x2db.mount": ("loaded", "active", {"Mount.Type": "ext4",
                                                   "Unit.ActiveEnterTimestamp": dbus.UInt64(1700000004000000)}),
    "user.slice": ("loaded", "active", {}),
    "multi-user.target": ("loaded", "active", {"Unit.ActiveEnterTimestamp": dbus.UInt64(1700000005000000)}),
    "7 zip.path": ("loaded", "inactive", {}),
}
for n in range(STORY["units"]):
    UNITS[f"made-{n}.service"] = ("loaded", "active", service("simple", n, 1, 10, 1700000000000000 + n))

MANAGER = {"Version": STORY["version"], "Virtualization": STORY["virtualization"], "SystemState": STORY["state"]}

# session: (seat, remote, type, class)
SESSIONS = {"1": ("seat0", False, "x11", "greeter"), "c2": ("seat0", False, "wayland", "user"), "3": ("", True, "tty", "user"),
            "4": ("", True, "tty", "user"), "5": ("seat0", False, "tty", "background-light"), "6": ("", False, "newtype", "manager"),
            "7": ("seat-usb", False, "web", "lock-screen"), "8": ("seat9", False, "tty", "user"), "ended": None}


def escaped(name):
    return re.sub(rb"[^a-zA-Z0-9]|^[0-9]", lambda m: b"_%02x" % m[0][0], name.encode()).decode()


def hangs(name):
    return name in STORY["hang"]


def refuse(name):
    if name in STORY["fail"]:
        raise dbus.exceptions.DBusException("refused", name="org.freedesktop.DBus.Error.AccessDenied")


class Double(dbus.service.FallbackObject):
    def __init__(self, bus):
        super().__init__(bus, "/org/freedesktop")
        self.units = {ROOT + "systemd1/unit/" + escaped(name): unit for name, unit in UNITS.items()}
        self.sessions = {ROOT + "login1/session/" + escaped(name): session for name, session in SESSIONS.items()}

    def answer(self, name, value, good, bad):
        if hangs(name):
            return
        try:
            refuse(name)
            good(value())
        except dbus.exceptions.DBusException as error:
            bad(error)

    @dbus.service.method(SYSTEMD + ".Manager", out_signature="a(ssssssouso)", async_callbacks=("good", "bad"))
    def ListUnits(self, good, bad):
        self.answer("ListUnits", lambda: [(name, "of a double", load, active, "sub", "", path, 0, "", "/") for (name, (load, active, _)), path
                                          in zip(UNITS.items(), self.units)], good, bad)

    @dbus.service.method(LOGIND + ".Manager", out_signature="a(so)", async_callbacks=("good", "bad"))
    def ListSeats(self, good, bad):
        self.answer("ListSeats", lambda: [(seat, f"{ROOT}login1/seat/{escaped(seat)}") for seat in ("seat0", "seat-usb")], good, bad)

    @dbus.service.method(LOGIND + ".Manager", out_signature="a(susso)", async_callbacks=("good", "bad"))
    def ListSessions(self, good, bad):
        self.answer("ListSessions", lambda: [(name, 1000, "pi", session[0] if session else "seat0", path)
                                             for (name, session), path in zip(SESSIONS.items(), self.sessions)], good, bad)

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v", path_keyword="path",
                         async_callbacks=("good", "bad"))
    def Get(self, interface, name, good, bad, path=None):
        self.answer(str(name), lambda: self.property(path, interface.rsplit(".", 1)[1], str(name)), good, bad)

    def property(self, path, interface, name):
        if path == ROOT + "systemd1":
            found = MANAGER.get(name)
        elif path in self.units:
            found = self.units[path][2].get(f"{interface}.{name}")
        else:
            session = self.sessions.get(path)
            found = session and dict(zip(("Seat", "Remote", "Type", "Class"), session)).get(name)
        if found is None:
            raise dbus.exceptions.DBusException("no such property", name="org.freedesktop.DBus.Error.UnknownProperty")
        return found


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
system_bus = dbus.SystemBus()
names = [dbus.service.BusName(name, system_bus) for name in (SYSTEMD, LOGIND)]
double = Double(system_bus)
print("ready", flush=True)
GLib.MainLoop().run()
