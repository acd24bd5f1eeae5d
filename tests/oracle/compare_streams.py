"""Compares the rows of `pcapml features --set pyflowmeter-compat` with tshark's streams, one by one.

    python3 compare_streams.py PCAPML CAPTURE…

PyFlowMeter takes tcp.stream and udp.stream of frames whose one IPv4 header says TCP or UDP. A stream and a row are matched by
their first frame; compared are packets and frame bytes of each direction (by the first frame's source port), protocol and ports.
`tshark -q -z conv,…` must tell the same packets of the stream, if all its frames are taken. What is not equal is named by its reason.
"""

import collections
import csv
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field

from compare_tshark import PREFERENCES

FIELDS = "frame.number frame.len ip.proto ip.frag_offset tcp.stream udp.stream tcp.srcport tcp.dstport udp.srcport udp.dstport frame.protocols".split()
NAMES = {"6": "tcp", "17": "udp"}
FOREVER = "1000000000"
LINE = re.compile(r"^\S+:(\d+)\s+<-> \S+:(\d+)\s+\d+ \d+ \S+\s+\d+ \d+ \S+\s+(\d+) \d+ \S+\s")


@dataclass
class Stream:
    """Packets and bytes of frames by direction: forward 0, backward 1."""

    protocol: str
    ports: tuple
    frames: list = field(default_factory=list)
    packets: list = field(default_factory=lambda: [0, 0])
    bytes: list = field(default_factory=lambda: [0, 0])
    quoting: int = 0

    def compared(self):
        return (self.protocol.upper(), *self.ports, *self.packets, *self.bytes)


def tshark(path):
    """Streams by their first frame, later fragments, frames of IPv4 in IPv6, conversations by protocol and ports."""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-z", "conv,tcp", "-z", "conv,udp"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for name in FIELDS:
        command += ["-e", name]
    output = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")
    frames, _, statistics = output.partition("=" * 80)
    streams, fragments, odd = {}, set(), set()
    for line in frames.splitlines():
        frame = dict(zip(FIELDS, line.split("\t")))
        number = int(frame["frame.number"])
        if frame.get("ip.frag_offset", "0").split(",")[0] not in ("", "0"):
            fragments.add(number)
        if "ipv6" in frame.get("frame.protocols", "").split(":"):
            odd.add(number)
        add(streams, frame, number)
    return {stream.frames[0]: stream for stream in streams.values()}, fragments, odd, conversations(statistics)


def add(streams, frame, number):
    first, *quoted = frame.get("ip.proto", "").split(",")
    name = NAMES.get(first)
    if not name or not frame[name + ".stream"]:
        return
    if quoted:
        # PyFlowMeter does not take it, for it sees two protocols.
        known = streams.get((name, frame[name + ".stream"].split(",")[0]))
        if known:
            known.quoting += 1
        return
    ports = (int(frame[name + ".srcport"]), int(frame[name + ".dstport"]))
    stream = streams.setdefault((name, frame[name + ".stream"]), Stream(name, ports))
    way = 0 if ports[0] == stream.ports[0] else 1
    stream.frames.append(number)
    stream.packets[way] += 1
    stream.bytes[way] += int(frame["frame.len"])


def conversations(statistics):
    """How many conversations there are of these ports and packets."""
    found = collections.Counter()
    for text in statistics.split("=" * 80):
        name = "tcp" if "TCP Conversations" in text else "udp"
        for match in filter(None, map(LINE.match, text.splitlines())):
            found[name, *sorted((int(match[1]), int(match[2]))), int(match[3])] += 1
    return found


def ours(pcapml, path):
    """Rows by their first frame, and why packets are in none."""
    command = [pcapml, "features", path, "--set", "pyflowmeter-compat", "--idle-timeout", FOREVER, "-o", "-", "--explain=json"]
    run = subprocess.run(command, capture_output=True, check=False, text=True)
    rows = {}
    for row in csv.DictReader(run.stdout.splitlines()):
        # A packet of several samples is in a row of each; streams know no samples.
        stream = Stream(row["protocol"].lower(), (int(row["src_port"]), int(row["dst_port"])), [int(row["first_packet"])])
        stream.packets = [int(row["fwd_tot_pkt"]), int(row["bwd_tot_pkt"])]
        stream.bytes = [int(row["fwd_tot_byte"]), int(row["bwd_tot_byte"])]
        stream.frames.append(int(row["last_packet"]))
        rows[int(row["first_packet"])] = stream
    said = [line for line in run.stderr.splitlines() if line.startswith("pcapml: {")]
    return rows, json.loads(said[0].removeprefix("pcapml: "))["reasons"] if said else {}


def joined(streams):
    """Packets by protocol and pair of ports: however they are cut."""
    sums = collections.Counter()
    for stream in streams:
        sums[stream.protocol, *sorted(stream.ports)] += sum(stream.packets)
    return sums


def compare(pcapml, path, counts):
    theirs, fragments, odd, told = tshark(path)
    have, reasons = ours(pcapml, path)
    sums = joined(have.values()), joined(theirs.values()), reasons
    counts["tshark streams"] += len(theirs)
    counts["rows of ours"] += len(have)
    for first, stream in theirs.items():
        row = have.pop(first, None)
        if row and row.compared() == stream.compared():
            counts["equal"] += 1
            key = (stream.protocol, *sorted(stream.ports), sum(stream.packets))
            counts["equal, and so is -z conv" if told[key] else "equal; -z conv counts frames in tunnels too"] += 1
            continue
        reason = why(stream, row, fragments, odd, sums)
        counts[reason] += 1
        if reason.startswith(("DIFFERENT", "cut")):
            print(reason, path.split("/")[-1], first, row and row.compared(), stream.compared())
    for first, row in have.items():
        reason = why(row, None, fragments, odd, sums)
        counts["row of ours alone: " + reason] += 1
        if reason.startswith("DIFFERENT"):
            print("OURS ALONE", path.split("/")[-1], first, row.compared())


def why(stream, row, fragments, odd, sums):
    key = (stream.protocol, *sorted(stream.ports))
    if any(number in odd for number in stream.frames):
        return "IPv4 in IPv6, or IPv6 in UDP: what ours leaves out"
    if sums[0][key] == sums[1][key]:
        return "cut differently, equal when joined"
    if row and sum(row.packets) == sum(stream.packets) + stream.quoting:
        return "frames with a second IP header in what they carry (sFlow …), which PyFlowMeter does not take"
    if row and sum(row.packets) > sum(stream.packets) and fragments:
        return "later fragments: in our flow, in no stream"
    if "no time" in sums[2]:
        return "packets without a time, in no flow here"
    if any(reason.startswith("link type") for reason in sums[2]):
        return "a link type that is not decoded here"
    return "DIFFERENT"


def main():
    counts = collections.Counter()
    pcapml, *paths = sys.argv[1:]
    for path in paths:
        counts["captures"] += 1
        compare(pcapml, path, counts)
    for name, count in counts.most_common():
        print(f"{count:8} {name}")


if __name__ == "__main__":
    main()
