"""Compares the decoding of every packet of some captures with tshark's.

    python3 compare_tshark.py CAPTURE…

Compared, of the innermost IP header: addresses, protocol, IP length, and of its transport header ports, tcp.len, tcp.hdr_len, udp.length.
Prints one line for each difference and totals at the end.
"""

import collections
import ipaddress
import subprocess
import sys

import captures
import layers

FIELDS = (
    "frame.number frame.protocols ip.src ip.dst ip.proto ip.len ip.hdr_len ip.frag_offset ipv6.src ipv6.dst ipv6.plen "
    "tcp.srcport tcp.dstport tcp.len tcp.hdr_len tcp.flags tcp.window_size_value udp.srcport udp.dstport udp.length sctp.srcport sctp.dstport"
).split()
PREFERENCES = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE"]
QUOTING = ("icmp", "icmpv6")  # after these, headers are quotations


def told(path):
    """One dictionary of lists for each frame that tshark shows."""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "separator=|", "-E", "aggregator=;"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for name in FIELDS:
        command += ["-e", name]
    output = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")
    for line in output.splitlines():
        values = line.split("|")
        yield {name: value.split(";") if value else [] for name, value in zip(FIELDS, values)}


def innermost(frame):
    """What tshark says of the innermost IP header that is not quoted: a tuple, or None."""
    names = frame["frame.protocols"][0].split(":")
    for quoting in QUOTING:
        if quoting in names:
            names = names[: names.index(quoting) + 1]
    versions = [name for name in names if name in ("ip", "ipv6")]
    if not versions:
        return None
    behind = names[len(names) - 1 - names[::-1].index(versions[-1]) :]
    return network(frame, versions) + transport(frame, names, behind)


def network(frame, versions):
    if versions[-1] == "ip":
        at = versions.count("ip") - 1
        return (frame["ip.src"][at], frame["ip.dst"][at], int(frame["ip.len"][at]))
    at = versions.count("ipv6") - 1
    source, destination = frame["ipv6.src"][at], frame["ipv6.dst"][at]
    return (source, destination, 40 + int(frame["ipv6.plen"][at]))


def transport(frame, names, behind):
    for name in ("tcp", "udp", "sctp"):
        if name in behind and frame[name + ".srcport"]:
            at = names.count(name) - 1
            ports = (int(frame[name + ".srcport"][at]), int(frame[name + ".dstport"][at]))
            return (name, ports) + lengths(frame, name, at)
    return ("", None)


def lengths(frame, name, at):
    if name == "tcp":
        flags = int(frame["tcp.flags"][at], 16) & 0xFF
        return (int(frame["tcp.len"][at]), int(frame["tcp.hdr_len"][at]), flags, int(frame["tcp.window_size_value"][at]))
    if name == "udp":
        return (int(frame["udp.length"][at]),)
    return ()


def decoded(packet):
    """The same tuple from our decoder, or the reason why there is none."""
    try:
        datagram = layers.decode(packet.link, packet.data, packet.wire_length)
    except layers.NotInFlow as reason:
        return str(reason)
    name = {layers.TCP: "tcp", layers.UDP: "udp", layers.SCTP: "sctp"}.get(datagram.protocol, "")
    head = (str(ipaddress.ip_address(datagram.source)), str(ipaddress.ip_address(datagram.destination)), datagram.ip_bytes)
    if datagram.later_fragment:
        return head + ("", None)
    more = ()
    if name == "tcp":
        more = (datagram.payload, datagram.transport_header, datagram.flags, datagram.window)
    if name == "udp":
        more = (datagram.payload + 8,)
    return head + (name, datagram.ports) + more


def explained(packet, ours, theirs):
    """Why two different answers are both right, or None."""
    if isinstance(ours, str) or not isinstance(theirs, tuple):
        return None
    firsts = layers.decode(packet.link, packet.data, packet.wire_length).firsts
    if firsts and ours[3] == "udp" and ours[:5] == theirs[:5]:
        return "first fragment: UDP tells the whole datagram's length"
    if ours[3] == "udp" and ours[:5] == theirs[:5] and theirs[5] == 0:
        return "UDP length 0"
    return None


def main():
    counts = collections.Counter()
    for path in sys.argv[1:]:
        counts["captures"] += 1
        compare(path, counts)
    for name, count in counts.most_common():
        print(f"{count:8} {name}")


def compare(path, counts):
    try:
        frames = {int(frame["frame.number"][0]): frame for frame in told(path)}
    except (ValueError, IndexError):
        counts["captures that tshark's output was not understood of"] += 1
        return
    packets = captures.read(path).packets
    if len(packets) != len(frames):
        print(path, "packets", len(packets), "tshark", len(frames))
        counts["captures with another number of packets"] += 1
    for packet in packets:
        if packet.number not in frames:
            counts["packets that tshark does not show"] += 1
            continue
        try:
            theirs = innermost(frames[packet.number])
        except (IndexError, ValueError) as error:
            theirs = f"tshark: {error!r}"
        ours = decoded(packet)
        if ours == theirs:
            counts["packets in flows, equal"] += 1
        elif isinstance(ours, str) and theirs is None:
            counts["packets without IP for both: " + ours] += 1
        elif explained(packet, ours, theirs):
            counts["explained: " + explained(packet, ours, theirs)] += 1
        else:
            kind = ours if isinstance(ours, str) else "in flow"
            counts["DIFFERENT: " + kind] += 1
            print(path.split("/")[-1], packet.number, ours, theirs, frames[packet.number]["frame.protocols"][0])


if __name__ == "__main__":
    main()
