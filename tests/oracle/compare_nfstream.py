"""Compares the rows of `pcapml features --set nfstream` with NFStream's, column by column.

    PYTHON compare_nfstream.py PCAPML CAPTURE…        (a Python that has nfstream 6.6)

Flows are matched by protocol, both ends in either order, the first packet's millisecond and the number of packets. Compared are all
columns but `id`, which is a counter there and a hash here; what ours leaves empty is 0 there. What is not matched, or not equal, is
counted by its reason; what has none is DIFFERENT. NFStream: statistical_analysis, idle timeout 120 s, no active timeout, tunnels decoded, no dissection, frame bytes.
"""

import collections
import csv
import ipaddress
import json
import subprocess
import sys
from dataclasses import dataclass, field

from nfstream import NFStreamer

IDLE, NEVER = 120, 10**9
NOT_COMPARED = {"id"}
ICMP = {"1", "58"}
RELATIVE = 1e-9


def theirs(path):
    streamer = NFStreamer(
        source=path, decode_tunnels=True, statistical_analysis=True, idle_timeout=IDLE, active_timeout=NEVER,
        accounting_mode=0, n_dissections=0, splt_analysis=0, n_meters=1, snapshot_length=65_535,
    )  # fmt: skip
    try:
        return [{name: str(getattr(flow, name)) for name in flow.keys()} for flow in streamer]
    except (ValueError, OSError):
        return None


@dataclass
class Ours:
    """Our rows of a capture, and what the program said about it."""

    rows: list
    backwards: bool
    reasons: dict = field(default_factory=dict)


def ours(pcapml, path, *more):
    command = [pcapml, "features", path, "--set", "nfstream", "-o", "-", "--explain=json", *more]
    run = subprocess.run(command, capture_output=True, check=False, text=True)
    said = [line for line in run.stderr.splitlines() if line.startswith("pcapml: {")]
    reasons = json.loads(said[0].removeprefix("pcapml: "))["reasons"] if said else {}
    return Ours(list(csv.DictReader(run.stdout.splitlines())), "behind one of a later time" in run.stderr, reasons)


def pairs(path, filter_text):
    """How many packets of each pair of addresses pass a display filter."""
    command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-Y", filter_text]
    command += ["-T", "fields", "-E", "occurrence=l", "-e", "ip.src", "-e", "ip.dst", "-e", "ipv6.src", "-e", "ipv6.dst"]
    output = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")
    found = collections.Counter()
    for line in output.splitlines():
        found[frozenset(map(ipaddress.ip_address, filter(None, line.split("\t"))))] += 1
    return found


def ends(row):
    """Protocol and both ends, the lower first; without the ports of ICMP, which are numbers of another kind there."""
    ports = (0, 0) if row["protocol"] in ICMP else (int(row["src_port"]), int(row["dst_port"]))
    addresses = (ipaddress.ip_address(row["src_ip"]), ipaddress.ip_address(row["dst_ip"]))
    both = sorted(zip(((address.version, int(address)) for address in addresses), ports))
    return (row["protocol"], *both)


def packets(row):
    return int(row["bidirectional_packets"])


def equal(mine, other):
    """Is what ours leaves empty 0 there, and is the rest the same?"""
    if mine == other or (mine == "" and other in ("0", "0.0", "")):
        return True
    try:
        mine, other = float(mine), float(other)
    except ValueError:
        return False
    return abs(mine - other) <= RELATIVE * max(abs(mine), abs(other))


def turned(row):
    """The row with its directions exchanged."""
    swap = {"src": "dst", "dst": "src"}

    def name(column):
        for one, other in (("src2dst", "dst2src"), ("dst2src", "src2dst")):
            if column.startswith(one):
                return other + column[len(one) :]
        return swap.get(column[:3], column[:3]) + column[3:] if column[3:4] == "_" else column

    return {name(column): value for column, value in row.items()}


def compare(pcapml, path, counts, columns, shown):
    mine, want = ours(pcapml, path), theirs(path)
    if want is None:
        counts["captures that NFStream does not read"] += 1
        return
    counts["captures"] += 1
    counts["flows of ours"] += len(mine.rows)
    counts["flows of NFStream"] += len(want)
    by_start = collections.defaultdict(list)
    for row in want:
        by_start[ends(row), row["bidirectional_first_seen_ms"]].append(row)
    left = []
    for row in mine.rows:
        same = by_start.get((ends(row), row["bidirectional_first_seen_ms"]), [])
        other = next((other for other in same if packets(other) == packets(row)), None)
        if other is None:
            left.append(row)
            continue
        same.remove(other)
        counts["flows matched"] += 1
        compare_columns([path, mine], row, other, counts, columns, shown)
    rest = [row for rows in by_start.values() for row in rows]
    if left or rest:
        unmatched(pcapml, path, mine, Rest(left, rest, not want), counts, shown)


def compare_columns(source, row, other, counts, columns, shown):
    path, mine = source
    if int(row["src2dst_packets"]) != int(other["src2dst_packets"]) or row["src_ip"] != other["src_ip"]:
        if int(row["src2dst_packets"]) == int(other["dst2src_packets"]):
            counts["of them with the directions exchanged: ours goes by SYN and SYN-ACK"] += 1
            other = turned(other)
    wrong = []
    for name in row.keys() & other.keys() - NOT_COMPARED:
        columns["compared"] += 1
        if equal(row[name], other[name]):
            columns["equal"] += 1
        else:
            columns[name + ": " + reason(name, row, other, mine)] += 1
            wrong.append(name)
    counts["of them equal in all columns" if not wrong else "of them with columns that are not equal"] += 1
    if any(reason(name, row, other, mine).startswith("DIFFERENT") for name in wrong):
        shown.append(f"{path.split('/')[-1]} {ends(row)} " + "; ".join(f"{n} {row[n]!r} {other[n]!r}" for n in sorted(wrong)[:6]))


def reason(name, row, other, mine):
    if name.endswith(("_mac", "_oui")) and set(other[name]) <= set("0:"):
        return "0 there: Linux cooked captures have a source address" if row[name] else "0 there, no hardware address"
    if name == "vlan_id" and row[name] != "0" and other[name] != "0":
        return "outermost here, innermost there"
    if name.endswith("_ms") and mine.backwards:
        return BACKWARDS
    return "DIFFERENT"


BACKWARDS = "times run backwards: theirs never do within the capture, ours within a flow"


@dataclass
class Rest:
    """What is not matched of a capture."""

    ours: list
    theirs: list
    nothing_there: bool


def unmatched(pcapml, path, mine, rest, counts, shown):
    total = collections.defaultdict(lambda: ([], []))
    for at, rows in enumerate((rest.ours, rest.theirs)):
        for row in rows:
            total[ends(row)][at].append(row)
    outer = {ends(row) for row in ours(pcapml, path, "--outer").rows}
    fragments = pairs(path, "ip.frag_offset > 0 or ipv6.fraghdr.offset > 0")
    endless = pairs(path, "ip[2:2] == 00:00")
    for key, (have, want) in total.items():
        pair = frozenset(ipaddress.ip_address((have or want)[0][name]) for name in ("src_ip", "dst_ip"))
        more = sum(map(packets, have)) - sum(map(packets, want))
        text = why(have, want, more, mine, [rest.nothing_there, key in outer, fragments[pair], endless[pair]])
        counts["unmatched pairs of ends: " + text] += 1
        if text.startswith("DIFFERENT"):
            shown.append(f"UNMATCHED {path.split('/')[-1]} {key} ours {list(map(packets, have))} theirs {list(map(packets, want))}")


def why(have, want, more, mine, facts):
    nothing_there, in_outer, fragments, endless = facts
    if nothing_there:
        return "a link type that NFStream does not read"
    if have and want and more == 0 and len({row["vlan_id"] for row in want}) > 1:
        return "theirs go by the VLAN, too"
    if more == 0 and mine.backwards:
        return BACKWARDS
    if more == 0 and len(have) > len(want):
        return "ours ends a closed connection at another SYN"
    if 0 < more <= fragments:
        return "later fragments, in no flow there"
    if 0 < more <= endless:
        return "IP headers of length 0 (offloading), in no flow there"
    if have and not want and all(row["tunnel_id"] not in ("0", "1") for row in have):
        return "inside of tunnels that NFStream does not look into"
    if want and not have and in_outer:
        return "outside of tunnels that NFStream does not look into"
    if want and not have and mine.reasons.get("no time"):
        return "packets without a time, in no flow here"
    return "DIFFERENT"


def main():
    counts, columns, shown = collections.Counter(), collections.Counter(), []
    pcapml, *paths = sys.argv[1:]
    for path in paths:
        compare(pcapml, path, counts, columns, shown)
    print("\n".join(shown))
    for found in (counts, columns):
        print()
        for name, count in found.most_common():
            print(f"{count:8} {name}")


if __name__ == "__main__":
    main()
