"""A Debian machine without a machine: a debootstrap root with its systemd as PID 1, in namespaces of its own (mounts, processes,
network, names, cgroups). Needs root and debootstrap, or the test is skipped. Nothing of it stays but the untouched root that the
next one is copied from (build/roots)."""
import atexit
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import harness

repository = pathlib.Path(__file__).resolve().parents[2]
CODENAMES = {"12": "bookworm", "13": "trixie"}
# What the packages need, so that the machine itself needs no network; names that both releases have.
NEEDED = "systemd,systemd-sysv,dbus,ca-certificates,curl,procps,iproute2,libpq5,libzstd1,zlib1g,libcrypt1,man-db,bash-completion"
LIBSSL = {"12": "libssl3", "13": "libssl3t64"}
CLONE_NEWNET = 0x40000000

BOOT = r"""
root=$1
mount --bind "$root" "$root"
mount --make-rprivate "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
# File systems of their own, as on a Pi whose card is to be spared.
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -t tmpfs -o mode=755,size=48m tmpfs "$root/home"
ip link set lo up
cd "$root"
mkdir -p mnt/old
pivot_root . mnt/old
umount -l /mnt/old
exec env -i container=pifleet PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --log-level=warning
"""


def base_root(release):
    """An untouched root of this release; made once."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    base = pathlib.Path(os.environ.get("PIFLEET_ROOTS", repository / "build/roots")) / release
    if base.is_dir():
        return base
    if not shutil.which("debootstrap"):
        raise unittest.SkipTest("needs debootstrap")
    archive = subprocess.run(["bash", "-euc", '. "$0/common.sh"; . "$0/archive.sh"; archive_uri', repository / "deploy/lib"],
                             check=True, capture_output=True, text=True).stdout.strip()
    base.parent.mkdir(parents=True, exist_ok=True)
    work = tempfile.mkdtemp(prefix=f"{release}-", dir=base.parent)
    try:
        done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={NEEDED},{LIBSSL[release]}", CODENAMES[release], work,
                               archive], capture_output=True, text=True)
        if done.returncode:
            raise unittest.SkipTest("debootstrap: " + done.stdout[-300:])
        os.chmod(work, 0o755)
        os.rename(work, base)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return base


class Machine:
    def __init__(self, release):
        base = base_root(release)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"pifleet-machine-{release}-"))
        self.process = None
        atexit.register(self.remove)
        subprocess.run(["cp", "-a", f"{base}/.", self.root], check=True)
        os.chmod(self.root, 0o755)
        # What a container has no business with, and what would wait for a network that is not there.
        units = self.root / "etc/systemd/system"
        for name in ("systemd-networkd-wait-online.service", "systemd-timesyncd.service", "apt-daily.timer", "apt-daily-upgrade.timer",
                     "man-db.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"):
            (units / name).symlink_to("/dev/null")

    def boot(self):
        with open(self.root / "console.log", "wb") as console:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--cgroup",
                 "bash", "-euc", BOOT, "boot", self.root], stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self.pid = harness.until(self.first_process, 20, "the machine's first process")
        harness.until(self.is_up, 60, "the machine's services")
        return self

    def first_process(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children and pathlib.Path(f"/proc/{children[0]}/comm").read_text().startswith("systemd") and int(children[0])

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError("the machine has ended:\n" + (self.root / "console.log").read_text(errors="replace"))
        return self.run("systemctl is-system-running", check=False).strip() in ("running", "degraded")

    def run(self, command, check=True, **more):
        """The output of a shell command inside; stderr is part of it."""
        done = subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--wd=/",
             "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
             "sh", "-euc", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=240, **more)
        if check and done.returncode:
            raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def succeeds(self, command):
        with contextlib.suppress(AssertionError):
            self.run(command)
            return True
        return False

    def listener(self, port):
        """A socket that listens on the machine's own loopback, for a receiver that runs out here."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as ours, open(f"/proc/{self.pid}/ns/net") as theirs:
            if libc.setns(theirs.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.create_server(("127.0.0.1", port))
            finally:
                libc.setns(ours.fileno(), CLONE_NEWNET)

    def remove(self):
        atexit.unregister(self.remove)
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)  # --kill-child: the first process goes with it, and all others with that
            self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)
