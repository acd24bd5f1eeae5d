"""Compares TCP and UDP flows with tshark's conversations, and community ids with tshark's.

    python3 compare_conversations.py CAPTURE…

`tshark -q -z conv,tcp / conv,udp` tells endpoints, packets of each direction, start and duration; its bytes are rounded, so frame bytes of a
stream are added up from `-T fields`. Ours are compared one to one first; what is left is compared after joining everything of one
pair of endpoints, so that only the way of cutting differs; what is left then is a true difference.
"""

import collections
import ipaddress
import re
import subprocess
import sys

import features
import flows as flow_table
import layers
from compare_tshark import PREFERENCES

NAMES = {layers.TCP: "tcp", layers.UDP: "udp"}
LINE = re.compile(r"^(\S+):(\d+)\s+<-> (\S+):(\d+)\s+(\d+) \d+ \S+\s+(\d+) \d+ \S+\s+\d+ \d+ \S+\s+([\d.-]+)\s+([\d.-]+)\s*$")


def tshark(path, *more):
    command = ["tshark", "-n", "-r", path]
    for preference in PREFERENCES:
        command += ["-o", preference]
    return subprocess.run([*command, *more], capture_output=True, check=False).stdout.decode("utf-8", "replace")


def conversation(ends, packets):
    """A comparable form: the lower endpoint first. `packets` are those sent by each end, in the same order."""
    (low, first), (high, second) = sorted(zip(ends, packets))
    return (low, high, first, second)


def theirs(path, name):
    """Counter of (low end, high end, packets of each, duration in 0.1 ms)."""
    found = collections.Counter()
    for line in tshark(path, "-q", "-z", "conv," + name).splitlines():
        match = LINE.match(line)
        if match:
            ends = ((match[1], int(match[2])), (match[3], int(match[4])))
            # columns: `<-` are the second's packets, `->` the first's
            found[conversation(ends, (int(match[6]), int(match[5]))) + (match[8],)] += 1
    return found


def ours(flows, name):
    found = collections.Counter()
    for flow in flows:
        if NAMES.get(flow.protocol) == name:
            ends = tuple((str(ipaddress.ip_address(address)), port) for address, port in (flow.initiator, flow.responder))
            lasted = f"{features.duration(flow) / 1e9:.4f}"
            counted = [packet.forward for packet in flow.packets if not packet.datagram.later_fragment]  # tshark leaves those out
            found[conversation(ends, (counted.count(True), counted.count(False))) + (lasted,)] += 1
    return found


def near(found):
    """Without durations."""
    out = collections.Counter()
    for entry, times in found.items():
        out[entry[:4]] += times
    return out


def joined(found):
    """Packets of each direction by pair of endpoints."""
    out = collections.defaultdict(lambda: [0, 0, 0])
    for (low, high, first, second), times in found.items():
        sums = out[low, high]
        sums[0] += first * times
        sums[1] += second * times
        sums[2] += times
    return out


def compare(path, counts):
    flows = features.flows(path)
    for name in NAMES.values():
        have, want = ours(flows, name), theirs(path, name)
        counts[f"{name} flows equal with duration"] += sum((have & want).values())
        have, want = near(have), near(want)
        counts[f"{name} flows equal in packets of each direction"] += sum((have & want).values())
        compare_joined(path, name, (joined(have - want), joined(want - have), outermost(path, name)), counts)
    compare_bytes(path, flows, counts)
    compare_community(path, flows, counts)


def outermost(path, name):
    """Our conversations outside of tunnels, which tshark lists beside those inside."""
    result = features.assemble(path, flow_table.Options(outer=True))
    return joined(near(ours(result.flows, name)))


def compare_joined(path, name, sides, counts):
    have, want, outer = sides
    for ends in have.keys() | want.keys():
        mine, other = have.get(ends, [0, 0, 0]), want.get(ends, [0, 0, 0])
        if mine[:2] == other[:2]:
            counts[f"{name} endpoint pairs cut differently, equal when joined"] += 1
            print("CUT", path.split("/")[-1], name, ends, "ours", mine[2], "tshark", other[2])
        elif ends not in have and outer[ends] == other:
            counts[f"{name} endpoint pairs of a tunnel's outside, equal with --outer"] += 1
        else:
            counts[f"{name} endpoint pairs DIFFERENT"] += 1
            print("DIFFERENT", path.split("/")[-1], name, ends, "ours", mine, "tshark", other)


def last(text):
    return text.split(",")[-1]


def compare_bytes(path, flows, counts):
    """Frame bytes of each stream that is one flow of ours."""
    output = tshark(path, "-T", "fields", "-e", "frame.number", "-e", "frame.len", "-e", "tcp.stream", "-e", "udp.stream")
    streams = collections.defaultdict(dict)
    for line in output.splitlines():
        number, length, tcp, udp = line.split("\t")
        if tcp or udp:
            streams["tcp" + last(tcp) if tcp else "udp" + last(udp)][int(number)] = int(length)
    totals = {tuple(sorted(stream)): sum(stream.values()) for stream in streams.values()}
    for flow in flows:
        numbers = tuple(packet.number for packet in flow.packets)
        if numbers in totals:
            equal = totals[numbers] == sum(features.frame_sizes(flow.packets))
            counts["streams of the same packets, frame bytes " + ("equal" if equal else "DIFFERENT")] += 1


def compare_community(path, flows, counts):
    """Of frames with one community id (tshark gives that of the outermost addresses and the innermost ports)."""
    output = tshark(path, "--enable-protocol", "communityid", "-T", "fields", "-e", "frame.number", "-e", "communityid")
    told = dict(line.split("\t") for line in output.splitlines())
    for flow in flows:
        first = flow.packets[0]
        if first.datagram.tunnels or first.datagram.later_fragment or not told.get(str(first.number)):
            continue
        equal = told[str(first.number)] == features.community_id(flow)
        counts["community ids " + ("equal" if equal else "DIFFERENT")] += 1
        if not equal:
            print("COMMUNITY", path.split("/")[-1], first.number, flow.protocol, first.datagram.icmp)


def main():
    counts = collections.Counter()
    for path in sys.argv[1:]:
        counts["captures"] += 1
        compare(path, counts)
    for name, count in counts.most_common():
        print(f"{count:8} {name}")


if __name__ == "__main__":
    main()
