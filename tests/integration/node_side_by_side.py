#!/usr/bin/env python3
"""Our node exporter beside a real node_exporter on this machine: the same families, types and label sets, the same values of
what stands still. The reviewed differences stand in tests/conformance/node/exceptions.tsv.

With a node_exporter before 1.11, whose page had less, only that nothing of it is lost: every family with its type and labels.

Usage: node_side_by_side.py OURS THEIRS. Ends with 77 (skipped) when THEIRS is not there."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

EXCEPTIONS = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "node" / "exceptions.tsv"
# What does not change between two scrapes that follow each other at once.
STILL = re.compile(
    r"node_(boot_time_seconds|cpu_(info|isolated|online|flag_info|bug_info)|disk_(info|filesystem_info|device_mapper_info|ata)"
    r"|filesystem_(size_bytes|readonly|device_error|mount_info|purgeable_bytes)|hwmon_(chip_names|sensor_label|.*_(max|crit))"
    r"|memory_(MemTotal|SwapTotal|VmallocTotal|HugePages_Total|Hugepagesize)|cooling_device_max_state|time_clocksource"
    r"|cgroups_|pcidevice_|entropy_pool_size|filefd_maximum|kernel_hung|md_|nf_conntrack_entries_limit|os_|selinux_|network_route|swap_(size|prio)|sysctl_(vm|net|info)|timex_(status|sync|tick|tai)"
    r"|time_zone_offset_seconds|uname_info|dmi_info|nvme_|bonding_|watchdog_info|ethtool_info|ethtool_peer_ifindex|cpu_vulnerabilities_info|ksmd_run"
    r"|network_(address_assign_type|advertised|asymmetricpause|autonegotiate|carrier|device_id|dormant|flags|iface_|info|mtu|name_assign|net_dev|pause|protocol|speed|supported|transmit_queue|up)"
    r"|scrape_collector_success|textfile_|network_address_info|side_by_side)")


def read_exceptions():
    for line in EXCEPTIONS.read_text().splitlines():
        if line and not line.startswith("#"):
            kind, pattern, _why = line.split("\t")
            yield kind, re.compile(pattern)


RULES = list(read_exceptions())
LOOSE_LABELS = [(kind.removeprefix("label:"), pattern) for kind, pattern in RULES if kind.startswith("label:")]


def excepted(series, *kinds):
    return any(kind in kinds and pattern.match(series) for kind, pattern in RULES)


def parse(page):
    """Families with their types; series (labels sorted) with their values."""
    types, series = {}, {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"{name} has two types"
            types[name] = kind
        elif line and not line.startswith("#"):
            match = re.fullmatch(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)', line)
            assert match, f"not a sample: {line}"
            labels = sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            loose = {name for name, pattern in LOOSE_LABELS if pattern.match(match[1])}
            labels = [(name, "*" if name in loose else value) for name, value in labels]
            key = match[1] + ("{" + ",".join(f'{n}="{v}"' for n, v in labels) + "}" if labels else "")
            assert key not in series, f"twice: {key}"
            series[key] = float(match[3])
    return types, series


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Exporter:
    def __init__(self, binary, flags):
        self.url = f"http://127.0.0.1:{free_port()}"
        listen = "--web.listen-address=" + self.url.removeprefix("http://")
        self.process = subprocess.Popen([binary, listen, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(100):
            try:
                self.fetch("/")
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        sys.exit(f"{binary} does not come up: {self.stop()}")

    def fetch(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        self.process.terminate()
        return self.process.communicate(timeout=10)[1].decode()


def help_of(binary, flag):
    said = subprocess.run([binary, flag], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", said.stdout + said.stderr)


def default_collectors(ours, theirs):
    """Those that are on there by default: each has to be here. But for systemd, which only Debian's package turns on."""
    here = set(re.findall(r"collector\.(\w+) Collect ", help_of(ours, "--help-all")))
    there = set(re.findall(r"collector\.(\w+) Enable the \w+ collector \(default: enabled\)", help_of(theirs, "--help-long")))
    there -= {"systemd"}
    if not there <= here:
        sys.exit("default collectors that are only there: " + " ".join(sorted(there - here)))
    return sorted(there)


# Those that are off by default and find something on any machine, or nothing on both sides.
OPTIONAL = """buddyinfo cgroups cpu_vulnerabilities drbd drm ethtool interrupts ksmd lnstat meminfo_numa mountstats network_route pcidevice
perf processes qdisc slabinfo softirqs swap sysctl tcpstat wifi xfrm zoneinfo""".split()


def optional_flags(theirs):
    known = set(re.findall(r"--(?:\[no-\])?collector\.(\w+) Enable the", help_of(theirs, "--help-long")))
    return [f"--collector.{name}" for name in OPTIONAL if name in known]


def label_names(series):
    names = {}
    for key in series:
        family, _, labels = key.partition("{")
        names.setdefault(family, set()).add(tuple(re.findall(r'(\w+)="', labels)))
    return names


def compare(ours, theirs):
    (our_types, our_series), (their_types, their_series) = ours, theirs
    faults = []
    for name in sorted(set(our_types) | set(their_types)):
        if name not in our_types:
            if not excepted(name, "theirs"):
                faults.append(f"we lack the family {name}")
        elif name not in their_types:
            if not excepted(name, "ours"):
                faults.append(f"node_exporter has no family {name}")
        elif our_types[name] != their_types[name]:
            faults.append(f"{name} is a {our_types[name]} here and a {their_types[name]} there")
    our_names, their_names = label_names(our_series), label_names(their_series)
    for family in sorted(set(our_names) & set(their_names)):
        if our_names[family] != their_names[family]:
            faults.append(f"{family}: labels {our_names[family]} here, {their_names[family]} there")
    for key in sorted(set(our_series) ^ set(their_series)):
        mine = key in our_series
        if not excepted(key, "labels", "ours" if mine else "theirs"):
            faults.append(f"only {'here' if mine else 'there'}: {key}")
    compared = 0
    for key in sorted(set(our_series) & set(their_series)):
        if STILL.match(key) and not excepted(key, "value", "labels"):
            compared += 1
            if our_series[key] != their_series[key]:
                faults.append(f"{key}: {our_series[key]} here, {their_series[key]} there")
    return faults, compared


def compare_older(ours, theirs):
    (our_types, our_series), (their_types, their_series) = ours, theirs
    faults = []
    our_names, their_names = label_names(our_series), label_names(their_series)
    for name, kind in sorted(their_types.items()):
        if excepted(name, "theirs"):
            continue
        if our_types.get(name) != kind:
            faults.append(f"{name} is a {kind} there and {our_types.get(name, 'missing')} here")
        elif any(not any(set(old) <= set(new) for new in our_names[name]) for old in their_names[name]):
            faults.append(f"{name}: labels {our_names[name]} here, {their_names[name]} there")
    return faults, len(their_types)


def run(ours, theirs, collectors, extra, text_folder, check=compare):
    flags = ["--collector.disable-defaults", *(f"--collector.{name}" for name in collectors),
             f"--collector.textfile.directory={text_folder}",
             # Debian's package leaves out more mounts than upstream.
             "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys)($|/)", *extra]
    running = []
    try:
        running += [Exporter(ours, flags)]
        running += [Exporter(theirs, flags)]
        pages = [parse(exporter.fetch("/metrics")) for exporter in running]
    finally:
        for exporter in running:
            exporter.stop()
    faults, compared = check(*pages)
    print(f"{' '.join(extra) or 'defaults'}: {len(pages[0][1])} series here, {len(pages[1][1])} there, "
          f"{compared} {'values' if check is compare else 'families'} compared, {len(faults)} faults")
    for fault in faults:
        print("  " + fault)
    if compared < 20:
        sys.exit("too little stood still: the pages were not compared")
    return not faults


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours, theirs = sys.argv[1:]
    if shutil.which(theirs) is None:
        print(f"SKIP: {theirs} is not there")
        sys.exit(77)
    said = subprocess.run([theirs, "--version"], capture_output=True, text=True, check=True)
    first = (said.stdout + said.stderr).splitlines()[0]  # old ones say it on stderr
    print(first)
    version = tuple(int(number) for number in re.search(r"version (\d+)\.(\d+)", first).groups())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "side.prom")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# HELP side_by_side A test.\n# TYPE side_by_side gauge\nside_by_side{a=\"x\\\"y\\\\z\"} 1.5e+06\n")
        os.utime(path, (1700000000, 1700000000))
        collectors = default_collectors(ours, theirs)
        if version < (1, 11):
            good = [run(ours, theirs, collectors, extra, folder, compare_older) for extra in ([], optional_flags(theirs))]
            sys.exit(0 if all(good) else 1)
        sets = [[], ["--collector.netdev.address-info", "--collector.netdev.enable-detailed-metrics",
                     "--collector.netdev.label-ifalias", "--collector.stat.softirq", "--no-collector.cpu.guest"],
                ["--no-collector.netdev.netlink", "--no-collector.arp.netlink", "--collector.vmstat.fields=.",
                 "--collector.netstat.fields=.", "--collector.diskstats.device-include=.",
                 "--collector.filesystem.fs-types-exclude=^$"]]
        sets += [[*optional_flags(theirs), "--collector.sysctl.include=fs.file-nr:used,free,max",
                  "--collector.sysctl.include=vm.swappiness", "--collector.sysctl.include=net.ipv4.tcp_rmem",
                  "--collector.sysctl.include-info=kernel.core_pattern"]]
        good = [run(ours, theirs, collectors, extra, folder) for extra in sets]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
