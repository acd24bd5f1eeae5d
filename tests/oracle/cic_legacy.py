"""The columns of `--set cic-legacy` with all errors, plainly: lists of packets, and at the end of a flow what CICFlowMeter 4 makes of them.

    python3 cic_legacy.py CAPTURE > rows.csv; python3 compare_rows.py OURS.csv rows.csv

Written from the list of errors in src/feature/legacy.rs and from what CICFlowMeter does, not from our code. Captures without samples.
"""

import csv
import datetime
import ipaddress
import math
import statistics
import sys
from dataclasses import dataclass, field

import captures
import layers
from flows import FIN, PSH, URG, has_time
from layers import NotInFlow

FLOW_TIMEOUT = 120 * 10**9
ACTIVITY = 5 * 10**9
BULK_GAP = 10**9
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "CWR": 128, "ECE": 64}


@dataclass
class Packet:
    number: int
    time: int
    forward: bool
    payload: int
    header: int
    flags: int
    window: int


@dataclass
class Flow:
    source: bytes
    destination: bytes
    ports: tuple
    protocol: int
    packets: list = field(default_factory=list)


def assemble(capture):
    """All flows, in the order of their rows."""
    going_on, flows = {}, []
    for packet in capture.packets:
        try:
            datagram = layers.decode(packet.link, packet.data, packet.wire_length)
        except NotInFlow:
            continue
        if datagram.version == 4 and has_time(packet):
            add(packet, datagram, going_on, flows)
    return sorted(flows, key=lambda flow: (flow.packets[0].time, flow.packets[0].number))


def add(packet, datagram, going_on, flows):
    known = datagram.protocol in (layers.TCP, layers.UDP) and not datagram.later_fragment
    protocol, ports = (datagram.protocol, datagram.ports) if known else (0, (0, 0))
    key = (protocol, *sorted(((datagram.source, ports[0]), (datagram.destination, ports[1]))))
    flow = going_on.get(key)
    timed_out = flow and packet.time - flow.packets[0].time > FLOW_TIMEOUT
    if flow is None or timed_out:
        before, flow = flow, Flow(datagram.source, datagram.destination, ports, protocol)
        if before:
            flow.source, flow.destination, flow.ports = before.source, before.destination, before.ports
        going_on[key] = flow
        flows.append(flow)
    time = max(packet.time, flow.packets[-1].time) if flow.packets else packet.time
    tcp = protocol == layers.TCP
    flow.packets.append(
        Packet(packet.number, time, datagram.source == flow.source, datagram.payload if known else 0,
               (datagram.transport_header or 0) if known else 0, datagram.flags if tcp else 0, datagram.window if tcp else -1)
    )  # fmt: skip
    if tcp and datagram.flags & FIN and len(flow.packets) > 1:
        del going_on[key]


def row(flow):
    packets = flow.packets
    first, last = packets[0], packets[-1]
    forward = [packet for packet in packets if packet.forward]
    backward = [packet for packet in packets if not packet.forward]
    source, destination = map(ipaddress.ip_address, (flow.source, flow.destination))
    start = datetime.datetime.fromtimestamp(first.time // 10**9, datetime.UTC)
    duration = last.time - first.time
    cells = {
        "first_packet": first.number, "Flow ID": flow_id(flow), "Src IP": source, "Src Port": flow.ports[0], "Dst IP": destination,
        "Dst Port": flow.ports[1], "Protocol": flow.protocol, "Timestamp": start.strftime("%d/%m/%Y %I:%M:%S %p"),
        "Flow Duration": duration / 1e3, "Total Fwd Packet": len(forward), "Total Bwd packets": len(backward),
        "Total Length of Fwd Packet": payload(forward), "Total Length of Bwd Packet": payload(backward),
        "Flow Bytes/s": rate(payload(packets), duration), "Flow Packets/s": rate(len(packets), duration),
        "Fwd Packets/s": len(forward) * 1e9 / duration if duration else 0,
        "Bwd Packets/s": len(backward) * 1e9 / duration if duration else 0,
        "Fwd Header Length": sum(packet.header for packet in forward),
        "Bwd Header Length": sum(packet.header for packet in backward),
        "Down/Up Ratio": len(backward) // len(forward) if forward else 0,
        "FWD Init Win Bytes": first.window if first.forward else 0,
        "Bwd Init Win Bytes": backward[-1].window if backward else 0,
        "Fwd Act Data Pkts": sum(packet.payload > 0 for packet in packets[1:] if packet.forward),
        "Fwd Seg Size Min": min((packet.header for packet in forward if packet.header), default=0),
    }  # fmt: skip
    lengths = [first.payload, *(packet.payload for packet in packets)]
    cells |= {
        "Packet Length Min": min(lengths), "Packet Length Max": max(lengths), "Packet Length Mean": statistics.fmean(lengths),
        "Packet Length Std": statistics.stdev(lengths), "Packet Length Variance": statistics.variance(lengths),
        "Average Packet Size": sum(lengths) / len(packets), "Fwd Segment Size Avg": mean([packet.payload for packet in forward]),
        "Bwd Segment Size Avg": mean([packet.payload for packet in backward]),
    }  # fmt: skip
    for name, bit in FLAGS.items():
        cells[name + " Flag Count"] = sum(bool(packet.flags & bit) for packet in packets)
    for name, bit in (("PSH", PSH), ("URG", URG)):
        for way, is_first in (("Fwd", first.forward), ("Bwd", not first.forward)):
            cells[f"{way} {name} Flags"] = int(is_first and bool(first.flags & bit))
    for way, some in (("Fwd", forward), ("Bwd", backward)):
        shape(cells, way + " Packet Length ", [packet.payload for packet in some])
        times = gaps(some)
        cells[way + " IAT Total"] = sum(times) / 1e3
        shape(cells, way + " IAT ", [time / 1e3 for time in times])
        cells[f"Subflow {way} Packets"] = len(some) // len(packets)
        cells[f"Subflow {way} Bytes"] = payload(some) // len(packets)
    shape(cells, "Flow IAT ", [time / 1e3 for time in gaps(packets)])
    active, idle = activity(packets)
    shape(cells, "Active ", [time / 1e3 for time in active])
    shape(cells, "Idle ", [time / 1e3 for time in idle])
    return cells | bulks(packets)


def flow_id(flow):
    """The lower address first, its bytes as Java's."""
    ends = [(flow.source, flow.ports[0]), (flow.destination, flow.ports[1])]
    signed = [[byte - 256 if byte > 127 else byte for byte in address] for address, _ in ends]
    if signed[0] > signed[1]:
        ends.reverse()
    (one, port), (other, other_port) = ends
    return f"{ipaddress.ip_address(one)}-{ipaddress.ip_address(other)}-{port}-{other_port}-{flow.protocol}"


def payload(packets):
    return sum(packet.payload for packet in packets)


def rate(number, duration):
    if duration == 0:
        return "Infinity" if number else "NaN"
    return number / (duration / 1e9)


def mean(values):
    return math.fsum(values) / len(values) if values else 0


def gaps(packets):
    return [later.time - packet.time for packet, later in zip(packets, packets[1:])]


def shape(cells, name, values):
    cells[name + "Mean"] = mean(values)
    cells[name + "Std"] = statistics.stdev(values) if len(values) > 1 else 0
    cells[name + "Max"] = max(values, default=0)
    cells[name + "Min"] = min(values, default=0)


def activity(packets):
    active, idle = [], []
    start = end = packets[0].time
    if start > ACTIVITY:
        idle.append(start)
    for packet in packets[1:]:
        if packet.time - end > ACTIVITY:
            if end > start:
                active.append(end - start)
            idle.append(packet.time - end)
            start = packet.time
        end = packet.time
    return active, idle


def bulks(packets):
    """Of all packets with data, whichever way they go."""
    runs = []
    for packet in (packet for packet in packets if packet.payload):
        if not runs or packet.time - runs[-1][-1].time > BULK_GAP:
            runs.append([])
        runs[-1].append(packet)
    found = [run for run in runs if len(run) >= 4]
    size, lasted = sum(map(payload, found)), sum(run[-1].time - run[0].time for run in found) // 1000
    return {
        "Fwd Bytes/Bulk Avg": 0, "Fwd Packet/Bulk Avg": 0, "Fwd Bulk Rate Avg": 0,
        "Bwd Bytes/Bulk Avg": size // len(found) if found else 0,
        "Bwd Packet/Bulk Avg": sum(map(len, found)) // len(found) if found else 0,
        "Bwd Bulk Rate Avg": int(size / (lasted / 1e6)) if lasted else 0,
    }  # fmt: skip


def main():
    rows = [row(flow) for flow in assemble(captures.read(sys.argv[1])) if len(flow.packets) > 1]
    if rows:
        writer = csv.DictWriter(sys.stdout, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
