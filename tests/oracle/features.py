"""The flow features of FEATURES.md, computed as plainly as they can be said: a test oracle, independent of the Rust sources.

    python3 features.py CAPTURE… --set cic [--outer] [--idle SECONDS] [--active SECONDS] [--bare] > rows.csv
    python3 features.py CAPTURE… --accounting

Sets: identity, flows, cic, pyflowmeter, nfstream, splt:N, ppi:N (these join: `--set cic,splt:10`), and stats, which stands alone.
CSV with a header; floats by repr; empty where undefined. `flows(path)` gives the flows with all their packets.
Every statistic is computed at the end of a flow from the list of all values. Python 3.11, NumPy.

DECISIONS (where FEATURES.md leaves it open)

Reading and accounting
- Packets of a labelled capture that have no label form flows of their own, with empty sample_id and label.
- A packet that names one sample twice is one membership (its first comment); a sample's label and fields are those of its first packet.
- A packet in a flow of at least one of its samples counts as in flows; else it counts once, by the reason in its first sample.
- Reasons: `not IP: KIND` (ARP, LLC, PPP, `ethertype 0x88cc`, `IEEE 802.11 management` …), `broken`, `cut`, `unknown link type`, `lost fragment`, `no time`;
  `no time` (Simple Packet Block, or a time that 64 bits of nanoseconds cannot hold) is given only where no other reason is.
- A comment is read as leniently as a reader may: any `digits,text…`, `s=…`; the characters of a label are not checked.
- Reading ends at the first fault of a file; what was read before it counts.
Decoding
- broken: a header that its own layer has no room for, IP versions or header lengths that cannot be, a TCP data offset below 5 or beyond the IP length.
- cut: there is room on the wire, but the bytes were not captured; or the transport header does not fit in a first fragment.
- Lengths are those of the IP header, also beyond the frame; inside a tunnel at most as far as the enclosing IP packet. UDP's own length is not consulted.
- IPv6 payload length 0 with a next header other than 59: as far as the wire goes (jumbograms, segmentation offload).
- IPv6 headers stepped over: 0, 43, 44, 60. Mobility (135), HIP (139), Shim6 (140), AH and ESP are protocols of their own.
- IP header bytes include options and stepped-over extension headers. Transport header bytes: TCP, UDP 8, SCTP 12, ICMP and ICMPv6 8, none otherwise.
- Where no IP is inside a tunnel (ARP, PPP LCP, GTP-U echo, unknown protocols) the flow is that of the enclosing IP header;
  where IP is inside but broken or cut, the packet is broken or cut.
- Tunnels over UDP are known by either port and believed if their header is right (VXLAN: flag I; Geneve: version 0; GTP-U: version 1, PT, message 255, then
  IP version 4 or 6; Teredo: an IPv6 packet that fits in the datagram); otherwise plain UDP.
- GRE with routing, ERSPAN, MPLS in GRE, Ethernet pseudowires in MPLS, FabricPath, VN-tag, 802.11 aggregates, fragments and mesh are not stepped into.
- The first fragment of a tunnelled datagram gives the inner flow; its later fragments follow it there with their own IP and payload bytes.
Flows
- The direction is decided by a flow's first packet alone, also for flows that begin after a timeout. Sender equal to receiver: all forward.
- Inside a flow time does not run backwards: a packet's time is the latest seen in its flow so far. Start: the first packet's time.
- Closing ACK: an ACK by the receiver of the second FIN whose number covers that FIN. A flow that never showed a SYN is followed by any SYN once it is closing.
- A closing flow's end reason is always `end of flow`, also if it then idles. Idle goes before active.
- At the end an open flow's reason is `idle timeout` if its sample's latest packet (in a flow or not) is more than the timeout after its last, else `forced end`.
- Rows of several samples that begin with the same packet: in the order of the packet's comments. Captures: one after the other.
- A fragment's first is the latest one of its identity, without a time limit, and must have been in a flow; a later fragment whose next header is
  an IPv6 extension header counts as having ports. Atomic fragments are no fragments.
- ICMP pairs: those of Community ID, RFC 8335 (42/43, 160/161) and RFC 6275 (146/147). Identifiers: types 0, 8, 13–18, 42, 43; 128, 129, 144–147, 160, 161.
Columns
- Ports of flows without ports are 0. flow_id: the row's number from 1 within the capture (not comparable). community_id: version 1, seed 0, of the first packet with ports or type.
- Counts and sums of nothing are 0 (packets, bytes, header bytes, flags, IAT Total); everything else of nothing is undefined.
- cic: Timestamp is UTC with six decimals, floored, and Z; durations and gaps are µs with their fraction.
- cic: Packets/s of a direction without packets is 0 if the flow lasts; Down/Up is undefined without forward packets; Average Packet Size = Packet Length Mean.
- cic: a bulk is as long a run as possible; Bulk Rate is undefined if all bulks last 0. Active Std and Idle Std need two values. Subflow gaps: strictly above 1 s; idle: strictly above 5 s.
- cic: the order of the bulk columns is CICFlowMeter's (all Fwd, then all Bwd). Fwd Seg Size Min skips packets without transport header.
- cic: Init Win: the first packet of a direction that has a TCP header. Header Length: later fragments add 0.
- pyflowmeter: other protocols by name (ICMP, ICMPv6, IGMP, SCTP, GRE, ESP, AH) or number; standard deviation is population; packet sizes and bytes are frame bytes.
- nfstream: each time is floored to ms first; differences are of these. Sizes are frame bytes. vlan_id: the outermost of the first packet, 0 if none.
  MACs: the outermost, of the first packet, by flow direction. expiration_id: 1 for `active timeout`, else 0. Left empty: tunnel_id. Undefined where NFStream has 0.
- splt: the first gap is 0; sizes are frame bytes; gaps in ms as in nfstream; text of a list. ppi: payload packets, gap from the payload packet before floored to ms, first 0.
- `flags`: letters FSRPAUEC of all flags seen in a direction. stats: one row per sample, in the order of their first packets.
"""

import argparse
import base64
import csv
import datetime
import hashlib
import ipaddress
import struct
import sys

import numpy as np

import captures
import flows as flow_table
import layers
from captures import NANOSECONDS

MICROSECOND, MILLISECOND = 1_000, 1_000_000
ACTIVITY_GAP, SUBFLOW_GAP, BULK_GAP, BULK_PACKETS = 5 * NANOSECONDS, NANOSECONDS, NANOSECONDS, 4
FLAGS = {"FIN": flow_table.FIN, "SYN": flow_table.SYN, "RST": flow_table.RST, "PSH": flow_table.PSH}
FLAGS |= {"ACK": flow_table.ACK, "URG": flow_table.URG, "CWR": flow_table.CWR, "ECE": flow_table.ECE}
PROTOCOL_NAMES = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 51: "AH", 58: "ICMPv6", 132: "SCTP"}


# Statistics of a list of values: None where undefined.


def minimum(values):
    return min(values) if values else None


def maximum(values):
    return max(values) if values else None


def mean(values):
    return float(np.mean(np.array(values, dtype=float))) if values else None


def deviation(values):
    """Sample standard deviation, n − 1."""
    return float(np.std(np.array(values, dtype=float), ddof=1)) if len(values) > 1 else None


def variance(values):
    return float(np.var(np.array(values, dtype=float), ddof=1)) if len(values) > 1 else None


def ratio(numerator, denominator):
    return numerator / denominator if denominator else None


def moment_ratio(values, power):
    """The central moment of `power` over the population standard deviation to that power."""
    array = np.array(values, dtype=float)
    central = array - np.mean(array)
    return float(np.mean(central**power) / np.mean(central**2) ** (power / 2))


# Of a flow's packets.


def payloads(packets):
    return [packet.payload for packet in packets]


def frame_sizes(packets):
    return [packet.frame_bytes for packet in packets]


def gaps(packets):
    """Nanoseconds between each packet and the one before it in the list."""
    return [later.time - earlier.time for earlier, later in zip(packets, packets[1:])]


def count(packets, flag):
    return sum(packet.has(flag) for packet in packets)


def duration(flow):
    return flow.end - flow.start


def per_second(amount, nanoseconds):
    return ratio(amount * NANOSECONDS, nanoseconds)


def microseconds(nanoseconds):
    return None if nanoseconds is None else nanoseconds / MICROSECOND


def header_bytes(packets):
    """Of each packet that has a transport header."""
    return [packet.datagram.transport_header for packet in packets if packet.datagram.transport_header is not None]


def initial_window(packets):
    windows = [packet.datagram.window for packet in packets if packet.datagram.window is not None]
    return windows[0] if windows else None


def activity(flow):
    """(durations of the active runs, idle gaps), in nanoseconds."""
    runs, idles, begin = [], [], flow.start
    for earlier, later in zip(flow.packets, flow.packets[1:]):
        gap = later.time - earlier.time
        if gap > ACTIVITY_GAP:
            runs.append(earlier.time - begin)
            idles.append(gap)
            begin = later.time
    runs.append(flow.end - begin)
    return runs, idles


def bulks(flow, forward):
    """The bulks of one direction, each a list of packets."""
    runs, run = [], []
    for packet in flow.packets:
        if packet.payload == 0:
            continue
        continues = run and packet.forward == run[-1].forward and packet.time - run[-1].time <= BULK_GAP
        if not continues:
            run = []
            runs.append(run)
        run.append(packet)
    return [run for run in runs if len(run) >= BULK_PACKETS and run[0].forward == forward]


def subflow_count(flow):
    return 1 + sum(gap > SUBFLOW_GAP for gap in gaps(flow.packets))


# Identity.


def address(endpoint):
    return str(ipaddress.ip_address(endpoint[0]))


def utc(nanoseconds, digits):
    """ISO 8601 with `digits` decimals of a second, floored."""
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.isoformat() + "." + f"{fraction:09d}"[:digits] + "Z"


# Community ID has its own table of what answers an ICMP message, in both directions, and no entry for others.
COMMUNITY_PAIRS = {
    layers.ICMP: [(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)],
    layers.ICMPV6: [(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)],
}


def community_ports(flow):
    """(port of the initiator, port of the responder, is it one-way?) as Community ID takes them; None for protocols without."""
    for packet in flow.packets:
        if packet.datagram.icmp:
            return community_icmp(flow, packet)
        if packet.datagram.ports:
            return flow.initiator[1], flow.responder[1], False
    return None


def community_icmp(flow, packet):
    kind, code, _ = packet.datagram.icmp
    for pair in COMMUNITY_PAIRS[flow.protocol]:
        if kind in pair:
            other = pair[1] if kind == pair[0] else pair[0]
            return (kind, other, False) if packet.forward else (other, kind, False)
    return kind, code, True


def community_id(flow):
    """Community ID version 1 with seed 0: https://github.com/corelight/community-id-spec"""
    ports = community_ports(flow)
    ends = [(flow.initiator[0], ports[0] if ports else 0), (flow.responder[0], ports[1] if ports else 0)]
    if not (ports and ports[2]):
        ends.sort()
    text = struct.pack(">H", 0) + ends[0][0] + ends[1][0] + struct.pack(">BB", flow.protocol, 0)
    if ports:
        text += struct.pack(">HH", ends[0][1], ends[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(text).digest()).decode()


def identity(flow, number, field_names):
    row = {"sample_id": flow.sample.id if flow.sample else None, "label": flow.sample.label if flow.sample else None}
    for name in field_names:
        row[name] = flow.sample.fields.get(name) if flow.sample else None
    return row | {
        "flow_id": number,
        "community_id": community_id(flow),
        "first_packet": flow.packets[0].number,
        "last_packet": flow.packets[-1].number,
        "flow_end_reason": flow.end_reason,
    }


# Sets. Each gives a dictionary of columns for a flow.


def flags_seen(packets):
    letters = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
    return "".join(letter for letter, flag in letters.items() if count(packets, flag))


def flows_set(flow):
    row = {
        "src_ip": address(flow.initiator),
        "src_port": flow.initiator[1],
        "dst_ip": address(flow.responder),
        "dst_port": flow.responder[1],
        "protocol": flow.protocol,
        "direction_basis": flow.direction_basis,
        "start_ns": flow.start,
        "end_ns": flow.end,
        "duration_ns": duration(flow),
    }
    for name, packets in (("fwd", flow.forward), ("bwd", flow.backward)):
        row[f"{name}_packets"] = len(packets)
        row[f"{name}_frame_bytes"] = sum(frame_sizes(packets))
        row[f"{name}_ip_bytes"] = sum(packet.datagram.ip_bytes for packet in packets)
        row[f"{name}_payload_bytes"] = sum(payloads(packets))
        row[f"{name}_ip_header_bytes"] = sum(packet.datagram.ip_header for packet in packets)
        row[f"{name}_transport_header_bytes"] = sum(header_bytes(packets))
        row[f"{name}_flags"] = flags_seen(packets)
    return row


def cic(flow):
    """CICFlowMeter's columns without `Label`."""
    forward, backward, everything = flow.forward, flow.backward, flow.packets
    row = cic_head(flow)
    row |= cic_directions("{} Packet Length", payloads, cic_lengths, flow)
    row["Flow Bytes/s"] = per_second(sum(payloads(everything)), duration(flow))
    row["Flow Packets/s"] = per_second(len(everything), duration(flow))
    row |= cic_times("Flow IAT", gaps(everything))
    row |= cic_directions("{} IAT", gaps, cic_totalled_times, flow)
    for flag in ("PSH", "URG"):
        row[f"Fwd {flag} Flags"] = count(forward, FLAGS[flag])
        row[f"Bwd {flag} Flags"] = count(backward, FLAGS[flag])
    row["Fwd Header Length"] = sum(header_bytes(forward))
    row["Bwd Header Length"] = sum(header_bytes(backward))
    row["Fwd Packets/s"] = per_second(len(forward), duration(flow))
    row["Bwd Packets/s"] = per_second(len(backward), duration(flow))
    row |= cic_all_lengths(payloads(everything))
    for flag, bit in FLAGS.items():
        row[f"{flag} Flag Count"] = count(everything, bit)
    row["Down/Up Ratio"] = ratio(len(backward), len(forward))
    row["Average Packet Size"] = ratio(sum(payloads(everything)), len(everything))
    row["Fwd Segment Size Avg"] = mean(payloads(forward))
    row["Bwd Segment Size Avg"] = mean(payloads(backward))
    row |= cic_bulks("Fwd", bulks(flow, True)) | cic_bulks("Bwd", bulks(flow, False))
    row |= cic_subflows(flow)
    row["FWD Init Win Bytes"] = initial_window(forward)
    row["Bwd Init Win Bytes"] = initial_window(backward)
    row["Fwd Act Data Pkts"] = sum(packet.payload > 0 for packet in forward)
    row["Fwd Seg Size Min"] = minimum(header_bytes(forward))
    runs, idles = activity(flow)
    return row | cic_times("Active", runs) | cic_times("Idle", idles)


def cic_head(flow):
    ends = (address(flow.initiator), address(flow.responder), flow.initiator[1], flow.responder[1], flow.protocol)
    return {
        "Flow ID": "-".join(map(str, ends)),
        "Src IP": ends[0],
        "Src Port": ends[2],
        "Dst IP": ends[1],
        "Dst Port": ends[3],
        "Protocol": flow.protocol,
        "Timestamp": utc(flow.start, 6),
        "Flow Duration": microseconds(duration(flow)),
        "Total Fwd Packet": len(flow.forward),
        "Total Bwd packets": len(flow.backward),
        "Total Length of Fwd Packet": sum(payloads(flow.forward)),
        "Total Length of Bwd Packet": sum(payloads(flow.backward)),
    }


def cic_directions(name, values_of, columns_of, flow):
    forward = columns_of(name.format("Fwd"), values_of(flow.forward))
    return forward | columns_of(name.format("Bwd"), values_of(flow.backward))


def cic_lengths(name, values):
    return {
        f"{name} Max": maximum(values),
        f"{name} Min": minimum(values),
        f"{name} Mean": mean(values),
        f"{name} Std": deviation(values),
    }


def cic_all_lengths(values):
    return {
        "Packet Length Min": minimum(values),
        "Packet Length Max": maximum(values),
        "Packet Length Mean": mean(values),
        "Packet Length Std": deviation(values),
        "Packet Length Variance": variance(values),
    }


def cic_times(name, nanoseconds):
    return {
        f"{name} Mean": microseconds(mean(nanoseconds)),
        f"{name} Std": microseconds(deviation(nanoseconds)),
        f"{name} Max": microseconds(maximum(nanoseconds)),
        f"{name} Min": microseconds(minimum(nanoseconds)),
    }


def cic_totalled_times(name, nanoseconds):
    return {f"{name} Total": microseconds(sum(nanoseconds))} | cic_times(name, nanoseconds)


def cic_bulks(name, found):
    total = sum(sum(payloads(bulk)) for bulk in found)
    lasting = sum(bulk[-1].time - bulk[0].time for bulk in found)
    return {
        f"{name} Bytes/Bulk Avg": ratio(total, len(found)),
        f"{name} Packet/Bulk Avg": ratio(sum(map(len, found)), len(found)),
        f"{name} Bulk Rate Avg": per_second(total, lasting),
    }


def cic_subflows(flow):
    row, number = {}, subflow_count(flow)
    for name, packets in (("Fwd", flow.forward), ("Bwd", flow.backward)):
        row[f"Subflow {name} Packets"] = len(packets) / number
        row[f"Subflow {name} Bytes"] = sum(payloads(packets)) / number
    return row


def pyflowmeter(flow):
    directions = (("fwd", flow.forward), ("bwd", flow.backward))
    row = {
        "duration": duration(flow) / NANOSECONDS,
        "protocol": PROTOCOL_NAMES.get(flow.protocol, str(flow.protocol)),
        "src_port": flow.initiator[1],
        "dst_port": flow.responder[1],
    }
    for name, packets in directions:
        row[f"{name}_tot_pkt"] = len(packets)
        row[f"{name}_tot_byte"] = sum(frame_sizes(packets))
    for name, packets in directions:
        row |= moments(f"{name}_pkt_size", frame_sizes(packets), 1)
    for name, packets in directions:
        row |= moments(f"{name}_iat", gaps(packets), NANOSECONDS)
    for name, packets in directions:
        for flag, bit in FLAGS.items():
            spelled = {"PSH": "PUSH", "CWR": "CWE"}.get(flag, flag)
            row[f"{name}_{spelled}_cnt"] = count(packets, bit)
    return row


def moments(name, values, unit):
    """Mean, population deviation, skewness, kurtosis, minimum, maximum of `values` / `unit`; never undefined."""
    statistics = {"mean": 0.0, "std": 0.0, "skewness": 0.0, "kurtosis": -3.0, "min": 0, "max": 0}
    if values:
        statistics |= {"mean": mean(values) / unit, "min": min(values), "max": max(values)}
        if unit != 1:
            statistics |= {"min": min(values) / unit, "max": max(values) / unit}
    if values and min(values) != max(values):
        statistics["std"] = float(np.std(np.array(values, dtype=float))) / unit
        statistics["skewness"] = moment_ratio(values, 3)
        statistics["kurtosis"] = moment_ratio(values, 4) - 3
    return {f"{name}_{statistic}": value for statistic, value in statistics.items()}


def nfstream(flow, number):
    first = flow.packets[0]
    row = {"id": number, "expiration_id": 1 if flow.end_reason == flow_table.ACTIVE_TIMEOUT else 0}
    row |= nfstream_end("src", flow.initiator, mac(first, first.forward))
    row |= nfstream_end("dst", flow.responder, mac(first, not first.forward))
    row |= {"protocol": flow.protocol, "ip_version": flow.version}
    row |= {"vlan_id": first.datagram.vlans[0] if first.datagram.vlans else 0, "tunnel_id": None}
    directions = (("bidirectional", flow.packets), ("src2dst", flow.forward), ("dst2src", flow.backward))
    for name, packets in directions:
        row |= nfstream_totals(name, packets)
    for name, packets in directions:
        row |= nfstream_statistics(name, "ps", frame_sizes(packets))
    for name, packets in directions:
        row |= nfstream_statistics(name, "piat_ms", millisecond_gaps(packets))
    for name, packets in directions:
        for flag in ("SYN", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "FIN"):
            row[f"{name}_{flag.lower()}_packets"] = count(packets, FLAGS[flag])
    return row


def mac(packet, sender):
    """The hardware address of a packet's sender or receiver, as text."""
    if packet.datagram.macs is None:
        return None
    return packet.datagram.macs[0 if sender else 1].hex(":")


def nfstream_end(name, endpoint, hardware):
    return {
        f"{name}_ip": address(endpoint),
        f"{name}_mac": hardware,
        f"{name}_oui": hardware[:8] if hardware else None,
        f"{name}_port": endpoint[1],
    }


def millisecond_gaps(packets):
    times = [packet.time // MILLISECOND for packet in packets]
    return [later - earlier for earlier, later in zip(times, times[1:])]


def nfstream_totals(name, packets):
    times = [packet.time // MILLISECOND for packet in packets]
    return {
        f"{name}_first_seen_ms": times[0] if times else None,
        f"{name}_last_seen_ms": times[-1] if times else None,
        f"{name}_duration_ms": times[-1] - times[0] if times else None,
        f"{name}_packets": len(packets),
        f"{name}_bytes": sum(frame_sizes(packets)),
    }


def nfstream_statistics(name, unit, values):
    return {
        f"{name}_min_{unit}": minimum(values),
        f"{name}_mean_{unit}": mean(values),
        f"{name}_stddev_{unit}": deviation(values),
        f"{name}_max_{unit}": maximum(values),
    }


def splt(flow, length):
    """NFStream's: 0 forward, 1 backward, padded with −1."""
    packets = flow.packets[:length]
    padding = [-1] * (length - len(packets))
    return {
        "splt_direction": [0 if packet.forward else 1 for packet in packets] + padding,
        "splt_ps": frame_sizes(packets) + padding,
        "splt_piat_ms": [0] + millisecond_gaps(packets) + padding,
    }


def ppi(flow, length):
    """CESNET's: packets with payload only."""
    packets = [packet for packet in flow.packets if packet.payload > 0][:length]
    return {
        "ppi_ipt": [0] * bool(packets) + [gap // MILLISECOND for gap in gaps(packets)],
        "ppi_dir": [1 if packet.forward else -1 for packet in packets],
        "ppi_size": payloads(packets),
        "ppi_len": len(packets),
    }


def stats(result):
    """One row for each sample, also for one without any flow."""
    rows = []
    for totals in result.samples.values():
        own = [flow for flow in result.flows if flow.sample is totals.sample]
        times = [packet.time for packet in totals.packets if flow_table.has_time(packet)]
        row = {
            "sample_id": totals.sample.id if totals.sample else None,
            "label": totals.sample.label if totals.sample else None,
            "packets": len(totals.packets),
            "packets_in_flows": totals.in_flows,
            "flows": len(own),
            "frame_bytes": sum(packet.wire_length for packet in totals.packets),
            "ip_bytes": sum(packet.datagram.ip_bytes for flow in own for packet in flow.packets),
            "payload_bytes": sum(packet.payload for flow in own for packet in flow.packets),
            "first_ns": minimum(times),
            "last_ns": maximum(times),
        }
        rows.append(row)
    return rows


# Rows and the command line.


def flows(path, options=None):
    """The flows of a capture, each with all its packets, in the order of rows."""
    return assemble(path, options).flows


def assemble(path, options=None):
    return flow_table.assemble(captures.read(path), options)


def field_names(samples):
    """The fields of all samples, in the order of their first appearance."""
    names = {}
    for totals in samples.values():
        names.update(totals.sample.fields if totals.sample else {})
    return list(names)


def columns(flow, number, name):
    """The columns of the set `name` for one flow."""
    kind, _, length = name.partition(":")
    if kind in ("splt", "ppi"):
        return {"splt": splt, "ppi": ppi}[kind](flow, int(length))
    if kind == "nfstream":
        return nfstream(flow, number)
    return {"identity": lambda flow: {}, "flows": flows_set, "cic": cic, "pyflowmeter": pyflowmeter}[kind](flow)


def rows(result, sets, bare=False):
    """One dictionary for each flow: identity first, unless `bare`, then each set; `bare` cic ends with `Label`."""
    if sets == ["stats"]:
        return stats(result)
    names, out = field_names(result.samples), []
    for number, flow in enumerate(result.flows, 1):
        row = {} if bare else identity(flow, number, names)
        for name in sets:
            row |= columns(flow, number, name)
            if bare and name == "cic":
                row["Label"] = flow.sample.label if flow.sample else None
        out.append(row)
    return out


def cell(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    return str(value)


def write_csv(table, file):
    header = list(dict.fromkeys(name for row in table for name in row))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for row in table:
        writer.writerow([cell(row.get(name)) for name in header])


def write_accounting(accounting, file):
    """`reason  packets`, a line each: read = in flows + the reasons."""
    lines = [("read", accounting.read), ("in flows", accounting.in_flows)]
    lines += sorted(accounting.reasons.items())
    lines += [("memberships", accounting.memberships)]
    for reason, packets in lines:
        file.write(f"{reason}  {packets}\n")


def arguments(given):
    parser = argparse.ArgumentParser(description="Flow features, plainly: a test oracle.")
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--set", default="flows")
    parser.add_argument("--outer", action="store_true")
    parser.add_argument("--idle", type=float, default=120)
    parser.add_argument("--active", type=float)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--accounting", action="store_true")
    return parser.parse_args(given)


def main(given=None):
    asked = arguments(given)
    active = None if asked.active is None else round(asked.active * NANOSECONDS)
    options = flow_table.Options(round(asked.idle * NANOSECONDS), active, asked.outer)
    table, total = [], flow_table.Accounting()
    for path in asked.captures:
        result = assemble(path, options)
        if result.fault:
            print(f"{path}: {result.fault}", file=sys.stderr)
        table += rows(result, asked.set.split(","), asked.bare)
        add_up(total, result.accounting)
    if asked.accounting:
        write_accounting(total, sys.stdout)
    else:
        write_csv(table, sys.stdout)


def add_up(total, more):
    total.read += more.read
    total.in_flows += more.in_flows
    total.memberships += more.memberships
    total.reasons.update(more.reasons)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.stderr.close()
