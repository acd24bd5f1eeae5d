"""Flows of a capture: FEATURES.md, section "Flows", packet by packet, nothing forgotten and nothing expired early.

`assemble(capture)` gives a `Flows`: the flows in the order of their rows, the samples, and the accounting of every packet.
"""

import collections
from dataclasses import dataclass, field

import layers
from captures import NANOSECONDS
from layers import NotInFlow
from samples import Sample, samples_of

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))

IDLE_TIMEOUT, ACTIVE_TIMEOUT, END_OF_FLOW, FORCED_END = "idle timeout", "active timeout", "end of flow", "forced end"
BASIS_SYN, BASIS_SYN_ACK, BASIS_FIRST = "SYN", "SYN-ACK", "first packet"


@dataclass
class Options:
    """Timeouts in nanoseconds; `active` None is off."""

    idle: int = 120 * NANOSECONDS
    active: int | None = None
    outer: bool = False


@dataclass
class Member:
    """A packet in a flow. `time` never runs backwards inside a flow: it is the latest so far."""

    number: int
    time: int
    forward: bool
    frame_bytes: int
    datagram: layers.Datagram

    @property
    def payload(self):
        return self.datagram.payload

    def has(self, flag):
        return bool((self.datagram.flags or 0) & flag)


@dataclass
class Flow:
    """A biflow. Endpoints are (address, port), port 0 where there are none; `initiator` is the forward direction's sender."""

    sample: Sample | None
    protocol: int
    version: int
    initiator: tuple
    responder: tuple
    direction_basis: str
    packets: list = field(default_factory=list)
    end_reason: str | None = None
    closing: bool = False
    first_syn: int | None = None
    fins: dict = field(default_factory=dict)

    @property
    def start(self):
        return self.packets[0].time

    @property
    def end(self):
        return self.packets[-1].time

    @property
    def forward(self):
        return [packet for packet in self.packets if packet.forward]

    @property
    def backward(self):
        return [packet for packet in self.packets if not packet.forward]


@dataclass
class SampleTotals:
    """What `stats` needs of a sample: every packet of it counts, also those in no flow."""

    sample: Sample | None
    packets: list = field(default_factory=list)
    latest: int | None = None
    in_flows: int = 0
    open: dict = field(default_factory=dict)
    fragments: dict = field(default_factory=dict)


@dataclass
class Accounting:
    """read = in_flows + the sum of reasons. `memberships` counts a packet of two samples twice."""

    read: int = 0
    in_flows: int = 0
    memberships: int = 0
    reasons: collections.Counter = field(default_factory=collections.Counter)


@dataclass
class Flows:
    flows: list
    samples: dict
    accounting: Accounting
    fault: str | None = None


def assemble(capture, options=None):
    """The flows of a capture that `captures.read` gave."""
    options = options or Options()
    result = Flows([], {}, Accounting(), capture.fault)
    for packet in capture.packets:
        account(result.accounting, [enter(packet, totals, result, options) for totals in memberships(packet, result.samples)])
    for totals in result.samples.values():
        for flow in totals.open.values():
            flow.end_reason = reason_at_the_end(flow, totals.latest, options)
    result.flows.sort(key=lambda flow: (flow.start, flow.packets[0].number))
    return result


def account(accounting, reasons):
    """Counts one packet; `reasons` holds, for each of its samples, why it is in no flow, or None where it is in one."""
    accounting.read += 1
    in_flows = reasons.count(None)
    accounting.memberships += in_flows
    if in_flows:
        accounting.in_flows += 1
    else:
        accounting.reasons[reasons[0]] += 1


def memberships(packet, samples):
    """The totals of each sample that a packet belongs to; a packet without sample belongs to the sample None."""
    found = []
    for sample in samples_of(packet.comments) or [None]:
        totals = samples.setdefault(sample.id if sample else None, SampleTotals(sample))
        totals.packets.append(packet)
        if has_time(packet):
            totals.latest = packet.time if totals.latest is None else max(totals.latest, packet.time)
        found.append(totals)
    return found


def has_time(packet):
    """Is there a time, and does it fit in 64 bits (years 1677 to 2262)?"""
    return packet.time is not None and -(2**63) <= packet.time < 2**63


def enter(packet, totals, result, options):
    """Puts a packet into its flow in one sample. The reason if it is in none, else None."""
    try:
        datagram = layers.decode(packet.link, packet.data, packet.wire_length, options.outer)
        key, sender, receiver = endpoints(datagram, totals.fragments)
        if not has_time(packet):
            raise NotInFlow("no time")
    except NotInFlow as reason:
        return str(reason)
    for identity in datagram.firsts:
        totals.fragments[identity] = (key, sender, receiver)
    flow = flow_of(key, sender, receiver, (packet, datagram), totals, result, options)
    add(flow, packet, datagram, sender)
    totals.in_flows += 1
    return None


def endpoints(datagram, fragments):
    """(key, sender, receiver) of a datagram. A later fragment's are those of its first fragment."""
    if datagram.later_fragment in fragments:
        return fragments[datagram.later_fragment]
    if datagram.later_fragment and needs_first_fragment(datagram.protocol):
        raise NotInFlow("lost fragment")
    source_port, destination_port = datagram.ports or (0, 0)
    sender, receiver = (datagram.source, source_port), (datagram.destination, destination_port)
    return (datagram.protocol, min(sender, receiver), max(sender, receiver), message(datagram)), sender, receiver


def needs_first_fragment(protocol):
    """Does the key need what only the first fragment holds?"""
    return protocol in (layers.TCP, layers.UDP, layers.SCTP, layers.ICMP, layers.ICMPV6) + layers.IPV6_EXTENSIONS


def message(datagram):
    """What takes the ports' place in the key of an ICMP flow: canonical type, code, identifier."""
    if datagram.icmp is None:
        return None
    kind, code, identifier = datagram.icmp
    return (layers.canonical_icmp_type(datagram.protocol, kind), code, identifier)


def flow_of(key, sender, receiver, arrival, totals, result, options):
    """The open flow of a key, or a new one if there is none or the packet ends it."""
    packet, datagram = arrival
    flow = totals.open.get(key)
    if flow:
        flow.end_reason = reason_before(flow, packet, datagram, options)
    if flow is None or flow.end_reason:
        flow = new_flow(sender, receiver, datagram, totals.sample, key)
        totals.open[key] = flow
        result.flows.append(flow)
    return flow


def reason_before(flow, packet, datagram, options):
    """Why a flow has ended before this packet of its key, or None if the packet belongs to it."""
    if packet.time - flow.end > options.idle:
        return END_OF_FLOW if flow.closing else IDLE_TIMEOUT
    if options.active is not None and packet.time - flow.start > options.active:
        return END_OF_FLOW if flow.closing else ACTIVE_TIMEOUT
    if flow.closing and opens(datagram) and datagram.sequence != flow.first_syn:
        return END_OF_FLOW
    return None


def reason_at_the_end(flow, latest, options):
    """Why a flow ended that no packet ended; `latest` is the latest packet time of its sample."""
    if flow.closing:
        return END_OF_FLOW
    if latest - flow.end > options.idle:
        return IDLE_TIMEOUT
    if options.active is not None and latest - flow.start > options.active:
        return ACTIVE_TIMEOUT
    return FORCED_END


def opens(datagram):
    """Is it a SYN without ACK?"""
    return datagram.flags is not None and datagram.flags & (SYN | ACK) == SYN


def new_flow(sender, receiver, datagram, sample, key):
    """A flow without packets, its direction taken from the datagram that will be its first."""
    protocol, version = key[0], 4 if len(sender[0]) == 4 else 6
    if opens(datagram):
        return Flow(sample, protocol, version, sender, receiver, BASIS_SYN)
    if datagram.flags is not None and datagram.flags & SYN:
        return Flow(sample, protocol, version, receiver, sender, BASIS_SYN_ACK)
    return Flow(sample, protocol, version, sender, receiver, BASIS_FIRST)


def add(flow, packet, datagram, sender):
    time = max(packet.time, flow.end) if flow.packets else packet.time
    member = Member(packet.number, time, sender == flow.initiator, packet.wire_length, datagram)
    flow.packets.append(member)
    if datagram.flags is not None:
        watch_closing(flow, member, datagram)


def watch_closing(flow, member, datagram):
    """RST closes; FINs of both sides do once the second is acknowledged."""
    if opens(datagram) and flow.first_syn is None:
        flow.first_syn = datagram.sequence
    if member.has(RST) or acknowledges_last_fin(flow, member, datagram):
        flow.closing = True
    if member.has(FIN) and member.forward not in flow.fins:
        flow.fins[member.forward] = datagram.sequence + member.has(SYN) + datagram.payload + 1


def acknowledges_last_fin(flow, member, datagram):
    """Both sides sent FIN, and this is the acknowledgement of the second one by its receiver."""
    if len(flow.fins) < 2 or not member.has(ACK):
        return False
    of_forward, wanted = list(flow.fins.items())[-1]
    return member.forward != of_forward and (datagram.acknowledgement - wanted) % 2**32 < 2**31
