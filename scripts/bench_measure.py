"""What the benches share: what processes take, and how a result is said."""

import os
import pathlib
import re
import statistics

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """A process and all below it."""
    children = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def pss_mb(pids):
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    return total / 1000


def median(rows):
    return [statistics.median(column) for column in zip(*rows)]


def row(what, value, unit, target, met, beside):
    print(f"{what:38} {value:8.1f} {unit:7} {target:24} {'met' if met else 'MISSED':7} {beside}")
