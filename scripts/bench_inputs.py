"""The captures that scripts/bench measures with.

All of them are made from a few real sessions: one block of packets is laid out in memory as it
will stand in the file, and written again and again. Only times, addresses, IPv4 header checksums
and, in a labelled capture, samples differ from one replica to the next. They lie at known offsets,
so that hundreds of megabytes take seconds. Rules and flow records about hosts that no packet has
are drawn by a seeded generator: the same sources give the same bytes.
"""

import csv
import hashlib
import json
import mmap
import os
import shutil
import struct
from bisect import bisect_right
from collections import Counter
from ipaddress import ip_address
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
APPS = ROOT / "datasets" / "apps" / "pcaps"
CORPUS_VARIABLE = "PCAPML_CORPUS"

MEGABYTE = 1_000_000
ETHERNET = 1

# Longer packets are what offloading hands to a capture, not what a wire carries.
LONGEST = 1518
# The captured bytes per packet that a block comes to at most.
AVERAGE = 300

# Replica n begins this long after replica n - 1; every block is shorter.
BLOCK_SECONDS = 60
START_SECONDS = 1_700_000_000

SMALL_FILES = 5_000
SMALL_PACKETS = 20

SAMPLES = 1_000
# What readers in Python are measured with: a capture of so many packets, and a sample of so many.
PYTHON_PACKETS = 100_000
LONG_SAMPLE = 40_000
COMMENT_BYTES = 28

# The first halves of the addresses of replicas: 11.0 to 110.255, all of them ordinary IPv4 networks.
FIRST_NETWORK, NETWORKS = 11 * 256, 25_600
# Those of sessions that have the same hosts in all replicas begin here: 111.0.
MARKED_NETWORK = 111 * 256

RULE_COUNTS = (1, 100, 1_000, 10_000, 100_000)
RULE_LABELS = 50
# The sessions that rules are about: two for each of the five forms of a rule, with about a fifth
# of the packets. A single rule is about none.
MARKED = 10
MATCHED_SHARE = 5
RECORDS = 1_000_000
# Samples that are scored, of so many classes, and the share of predictions that are drawn.
SCORED, SCORED_CLASSES, DRAWN = 100_000, 50, 0.1
SEED = 7
# Networks, by the first byte of their addresses, that are private or reserved at least in part.
NOT_PUBLIC = {10, 100, 127, 169, 172, 192, 198, 203}

MANIFEST = """[dataset]
name = "bench"
version = "1.0.0"
description = "Flows of replicated sessions"
license = "CC0-1.0"
url = "https://example.org/bench"
cite_as = "none"
creators = [{ name = "Nobody" }]
date_published = 2026-01-01
disallow = ["ip.addr"]
"""


# Reading the sources


class Packet(NamedTuple):
    """One packet of a source: its time in microseconds, and the session (file) it belongs to."""

    time: int
    data: bytes
    original: int
    session: int


PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
PCAPNG_MAGIC = b"\n\r\r\n"


def read_ethernet(path):
    """The Ethernet packets of a pcap or pcapng file as (microseconds, data, original length).

    Reading ends at the first thing that is not understood: a corpus holds broken files, too.
    """
    content = path.read_bytes()
    try:
        if content[:4] in PCAP_MAGICS:
            yield from read_pcap(content)
        elif content[:4] == PCAPNG_MAGIC:
            yield from read_pcapng(content)
    except struct.error:
        return


def read_pcap(content):
    order, nanoseconds = PCAP_MAGICS[content[:4]]
    (link_type,) = struct.unpack_from(order + "I", content, 20)
    if link_type & 0xFFFF != ETHERNET:
        return
    record = struct.Struct(order + "4I")
    at = 24
    while at + 16 <= len(content):
        seconds, fraction, captured, original = record.unpack_from(content, at)
        at += 16 + captured
        if at > len(content):
            return
        yield seconds * 10**6 + fraction * nanoseconds // 1000, content[at - captured : at], original


def read_pcapng(content):
    order, at, interfaces = "<", 0, []
    while at + 12 <= len(content):
        if content[at : at + 4] == PCAPNG_MAGIC:
            order, interfaces = ("<" if content[at + 8] == 0x4D else ">"), []
        kind, length = struct.unpack_from(order + "2I", content, at)
        if length < 12 or at + length > len(content):
            return
        if kind == 1:
            (link_type,) = struct.unpack_from(order + "H", content, at + 8)
            interfaces.append((link_type, ticks_per_second(content[at + 16 : at + length - 4], order)))
        elif kind == 6:
            interface, high, low, captured, original = struct.unpack_from(order + "5I", content, at + 8)
            link_type, ticks = interfaces[interface] if interface < len(interfaces) else (None, 1)
            if link_type == ETHERNET:
                time = (high << 32 | low) * 10**6 // ticks
                yield time, content[at + 28 : at + 28 + captured], original
        at += length


def ticks_per_second(options, order):
    """What the option if_tsresol (9) of an interface says; microseconds without it."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "2H", options, at)
        if code == 0:
            break
        if code == 9 and length == 1:
            value = options[at + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10**value
        at += 4 + (length + 3) // 4 * 4
    return 10**6


def source_files():
    """The files to make inputs from, each with its label."""
    files = [(path, path.parent.name) for path in sorted(APPS.glob("*/*.pcap*"))]
    corpus = os.environ.get(CORPUS_VARIABLE)
    if corpus:
        found = Path(corpus, "labelled", "pcaps").glob("*.pcap*")
        files += [(path, path.stem) for path in sorted(found)]
    return files


def fingerprint():
    """Changes when the sources change, or this file."""
    state = hashlib.sha256(Path(__file__).read_bytes())
    for path, _ in source_files():
        state.update(f"{path.name} {path.stat().st_size}\n".encode())
    return state.hexdigest()


def read_sources():
    """The packets of one block, ascending by time, and the label of each session."""
    packets, labels = [], []
    for path, label in source_files():
        usable = [found for found in read_ethernet(path) if 14 <= len(found[1]) <= LONGEST]
        if usable:
            packets += (Packet(*found, session=len(labels)) for found in usable)
            labels.append(label)
    packets = spread(thin(packets), len(labels))
    return sorted(packets, key=lambda packet: packet.time), labels


def thin(packets):
    """Leaves out so many of the large packets, evenly, that the average comes down to AVERAGE."""
    room = sum(AVERAGE - len(packet.data) for packet in packets if len(packet.data) <= AVERAGE)
    excess = sum(len(packet.data) - AVERAGE for packet in packets if len(packet.data) > AVERAGE)
    share = min(1.0, room / max(1, excess))
    kept, large = [], 0
    for packet in packets:
        if len(packet.data) > AVERAGE:
            large += 1
            if int(large * share) == int((large - 1) * share):
                continue
        kept.append(packet)
    return kept


def spread(packets, sessions):
    """Gives packets times within the block: the packets of each session are dealt out evenly over
    half of it, from a start of its own.

    So the sessions of a block run beside each other, as they do on a busy line, whether they once
    took milliseconds or hours.
    """
    half = BLOCK_SECONDS * 10**6 // 2
    lengths = Counter(packet.session for packet in packets)
    seen = Counter()
    for packet in packets:
        session = packet.session
        # A prime step, so that neighbours in the list do not start one after the other.
        start = session * 7919 % sessions * half // sessions
        yield packet._replace(time=start + half * seen[session] // lengths[session])
        seen[session] += 1


# Blocks and their replicas


def addresses(data):
    """Where a packet says whose it is: offsets of 16-bit words that a replica overwrites, and the
    IPv4 checksum as (offset, sum of the header without these words), or None.

    Of an IPv4 address it is the first half, of an IPv6 address the second of eight parts; hosts of
    a replica differ as they did. Multicast, broadcast and unset addresses stay.
    """
    at = 12
    while data[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, start = data[at : at + 2], at + 2
    if kind == b"\x86\xdd" and len(data) >= start + 40:
        return [at + 2 for at in (start + 8, start + 24) if data[at] not in (0, 255)], None
    if kind != b"\x08\x00" or len(data) < start + 20:
        return [], None
    end = start + 4 * (data[start] & 15)
    if data[start] >> 4 != 4 or not start + 20 <= end <= len(data):
        return [], None
    words = [at for at in (start + 12, start + 16) if 0 < data[at] < 224]
    left_out = [start + 10, *words]
    kept = (at for at in range(start, end, 2) if at not in left_out)
    return words, (start + 10, sum(data[at] << 8 | data[at + 1] for at in kept))


class Pcap:
    """How packets stand in a pcap file with microseconds."""

    HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, ETHERNET)
    TIME_UNIT = 10**6
    TIME_AT, DATA_AT = 0, 16

    @staticmethod
    def record(packet):
        return struct.pack("<4I", 0, 0, len(packet.data), packet.original) + packet.data


class LabelledPcapng:
    """How packets stand in a pcapng file, each with a comment of COMMENT_BYTES."""

    HEADER = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28) + struct.pack(
        "<IIHHII", 1, 20, ETHERNET, 0, 262_144, 20
    )
    TIME_UNIT = 2**32
    TIME_AT, DATA_AT = 12, 28
    # The comment is followed by the end of the options and the length of the block.
    COMMENT_BEFORE_END = COMMENT_BYTES + 8

    @staticmethod
    def record(packet):
        padding = bytes(-len(packet.data) % 4)
        length = 32 + len(packet.data) + len(padding) + 4 + COMMENT_BYTES + 4
        head = struct.pack("<7I", 6, length, 0, 0, 0, len(packet.data), packet.original)
        options = struct.pack("<HH", 1, COMMENT_BYTES) + bytes(COMMENT_BYTES) + bytes(4)
        return head + packet.data + padding + options + struct.pack("<I", length)


def one_network(number, session):
    """The 16 bits that begin the addresses of a replica: the same for all its sessions."""
    return FIRST_NETWORK + number % NETWORKS


class Block:
    """Packets as they stand in a file, and the places where replicas differ.

    `network` gives the 16 bits to put into the addresses of a session of a replica.
    """

    def __init__(self, packets, shape, network=one_network):
        self.shape = shape
        self.network = network
        self.sessions = 1 + max(packet.session for packet in packets)
        self.content = bytearray()
        self.ends = []
        self.times = []
        self.words = []
        self.checksums = []
        # Of each session, where the data of its first packet lies, and its first and last time.
        self.firsts = {}
        self.spans = {}
        for packet in packets:
            start = len(self.content)
            self.content += shape.record(packet)
            self.ends.append(len(self.content))
            self.firsts.setdefault(packet.session, (start + shape.DATA_AT, len(self.content)))
            self.spans[packet.session] = (self.spans.get(packet.session, [packet.time])[0], packet.time)
            self.times.append((start + shape.TIME_AT, packet.time))
            self.find_addresses(start + shape.DATA_AT, packet)

    def find_addresses(self, start, packet):
        words, checksum = addresses(packet.data)
        self.words += ((start + at, packet.session) for at in words)
        if checksum:
            at, rest = checksum
            self.checksums.append((start + at, rest, len(words), packet.session))

    def replica(self, number):
        """The block with the times and addresses of this replica; good until the next call."""
        content = self.content
        pack_pair, pack_word = struct.Struct("<II").pack_into, struct.Struct(">H").pack_into
        base, unit = (START_SECONDS + number * BLOCK_SECONDS) * 10**6, self.shape.TIME_UNIT
        for at, time in self.times:
            pack_pair(content, at, *divmod(base + time, unit))
        networks = [self.network(number, session) for session in range(self.sessions)]
        for at, session in self.words:
            pack_word(content, at, networks[session])
        for at, rest, words, session in self.checksums:
            total = rest + words * networks[session]
            total = (total & 0xFFFF) + (total >> 16)
            pack_word(content, at, ~(total + (total >> 16)) & 0xFFFF)
        return content

    def fitting(self, room):
        """How many packets fit into this many bytes."""
        return bisect_right(self.ends, room)

    def first(self, content, packets):
        """The bytes of this many first packets."""
        return memoryview(content)[: self.ends[packets - 1] if packets else 0]

    def bytes_of(self, packets):
        """The size of a file of so many packets."""
        replicas, rest = divmod(packets, len(self.ends))
        return len(self.shape.HEADER) + replicas * self.ends[-1] + (self.ends[rest - 1] if rest else 0)

    def parts(self, size):
        """How many packets of each replica it takes to fill a file of this size."""
        room = size - len(self.shape.HEADER)
        while fitting := self.fitting(room):
            yield fitting
            room -= self.ends[fitting - 1]


def write_replicas(path, block, size, finish=lambda content, number: None):
    """Writes replicas until the file has its size. Returns the number of packets.

    `finish` may change each replica before it is written.
    """
    packets = 0
    with open(path, "wb") as file:
        file.write(block.shape.HEADER)
        for number, fitting in enumerate(block.parts(size)):
            content = block.replica(number)
            finish(content, number)
            file.write(block.first(content, fitting))
            packets += fitting
    return packets


# Rules and flow records


class Conversation(NamedTuple):
    """What a rule or a flow record says about packets."""

    protocol: str
    source: str
    destination: str
    source_port: int
    destination_port: int


PROTOCOLS = {6: "tcp", 17: "udp"}


def conversation(data):
    """The conversation that a packet belongs to; None without ports of TCP or UDP, or fragmented."""
    if data[12:14] == b"\x08\x00" and len(data) >= 34 and not (data[20] & 0x3F or data[21]):
        protocol, places, ports = data[23], (26, 30, 34), 14 + 4 * (data[14] & 15)
    elif data[12:14] == b"\x86\xdd" and len(data) >= 54:
        protocol, places, ports = data[20], (22, 38, 54), 54
    else:
        return None
    if protocol not in PROTOCOLS or len(data) < ports + 4:
        return None
    source, destination = (str(ip_address(bytes(data[at:end]))) for at, end in zip(places, places[1:]))
    return Conversation(PROTOCOLS[protocol], source, destination, *struct.unpack_from(">2H", data, ports))


def conversations(packets):
    """The sessions that are a single conversation, with addresses that replicas change, and the
    number of packets of each."""
    found, lengths = {}, Counter()
    for packet in packets:
        talk = conversation(packet.data) if len(addresses(packet.data)[0]) == 2 else None
        both_ways = talk and (talk.protocol, *sorted(zip(talk[1:3], talk[3:5])))
        found.setdefault(packet.session, set()).add(both_ways)
        lengths[packet.session] += 1
    return {session: lengths[session] for session, of in found.items() if len(of) == 1 and None not in of}


def marked_sessions(packets, talks):
    """MARKED conversations of like lengths, with as near to their share of all packets as can be."""
    by_length = sorted(talks, key=talks.get)
    choices = [by_length[at : at + MARKED] for at in range(len(by_length) - MARKED + 1)]
    share = len(packets) / MATCHED_SHARE
    return min(choices, key=lambda sessions: abs(sum(map(talks.get, sessions)) - share))


class Strangers:
    """Conversations between hosts that none of the packets has."""

    def __init__(self, packets, replicas):
        self.random = Random(SEED)
        self.replicas = replicas
        # Replicas overwrite the first half of an address: the second tells hosts apart for sure.
        self.taken = {
            int.from_bytes(packet.data[at + 2 : at + 4], "big")
            for packet in packets
            for at in addresses(packet.data)[0]
        }

    def host(self):
        while True:
            address = self.random.getrandbits(32)
            first = address >> 24
            if 0 < first < 224 and first not in NOT_PUBLIC and address & 0xFFFF not in self.taken:
                return f"{first}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"

    def port(self):
        port = self.random.getrandbits(16)
        return (80, 443, 53, 22)[port % 4] if port < 1024 * 20 else port

    def conversation(self):
        protocol = ("tcp", "udp")[self.random.getrandbits(1)]
        return Conversation(protocol, self.host(), self.host(), self.port(), self.port())

    def seconds(self, longest):
        """Some time of the replicas, as its first and last second."""
        start = START_SECONDS + int(self.random.random() * self.replicas * BLOCK_SECONDS)
        return start, start + int(self.random.random() * longest)


def rule(form, talk, window):
    """A rule of one of five forms."""
    host = f"host {talk.source}"
    five = (
        f"{talk.protocol} and {host} and host {talk.destination}"
        f" and port {talk.source_port} and port {talk.destination_port}"
    )
    times = "|TS_START:{}|TS_END:{}".format(*window)
    port = f"{host} and {talk.protocol} port {talk.source_port}"
    return "BPF:" + (host, port, five, five + times, host + times)[form % 5]


def rules_about(marked, block, replicas):
    """Rules that each match all packets of a marked session."""
    talks = first_conversations(marked, block, 0)
    always = START_SECONDS, START_SECONDS + replicas * BLOCK_SECONDS
    return [rule(form, talks[session], always) for form, session in enumerate(marked)]


def write_rules(path, count, about, strangers):
    """Rules about strangers, and among them, evenly, those given."""
    rules = [rule(form, strangers.conversation(), strangers.seconds(600)) for form in range(count)]
    for form, one in enumerate(about):
        # In a group of five, where rules of this form stand.
        rules[form * (count // len(about)) // 5 * 5 + form % 5] = one
    lines = (f"{one},{label_of(place)}\n" for place, one in enumerate(rules))
    path.write_text("".join(lines))


def records_about(sessions, block, replicas):
    """Flow records, as the cells of a row, of these sessions in every replica."""
    for number in range(replicas):
        base = (START_SECONDS + number * BLOCK_SECONDS) * 10**6
        for session, talk in first_conversations(sessions, block, number).items():
            first, last = block.spans[session]
            yield (*talk, base + first, base + last)


def write_records(path, about, strangers):
    """RECORDS flow records, in no order: about strangers, and among them, evenly, those given."""
    step = RECORDS // len(about)
    with open(path, "w") as file:
        file.write("proto,src,dst,sport,dport,start,end,label\n")
        for place in range(RECORDS):
            which, stranger = divmod(place, step)
            if stranger or which >= len(about):
                start, end = strangers.seconds(BLOCK_SECONDS)
                cells = (*strangers.conversation(), start * 10**6, end * 10**6)
            else:
                cells = about[which]
            file.write(",".join(map(str, cells)) + f",{label_of(place)}\n")


def first_conversations(sessions, block, number):
    """The conversation of each session, with the addresses it has in a replica."""
    content = block.replica(number)
    return {session: conversation(content[slice(*block.firsts[session])]) for session in sessions}


def label_of(place):
    return f"class-{place % RULE_LABELS:02}"


# The inputs


def build_big(directory, size):
    """One pcap file, and a rule that matches everything."""
    packets, labels = read_sources()
    count = write_replicas(directory / "big.pcap", Block(packets, Pcap), size * MEGABYTE)
    (directory / "all.rules").write_text("BPF:greater 0,everything\n")
    return facts(directory / "big.pcap", count, packets, labels)


def build_small(directory, files):
    """Small pcap files in nested directories, each the beginning of a session, and their labels."""
    packets, labels = read_sources()
    blocks = [[] for _ in labels]
    for packet in packets:
        if len(blocks[packet.session]) < SMALL_PACKETS:
            blocks[packet.session].append(packet)
    blocks = [Block(of, Pcap) for of in blocks if of]
    count = 0
    with open(directory / "labels.csv", "w", newline="") as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["filename", "label"])
        for number in range(files):
            name = f"{number // 500:02}/{number // 50 % 10}/session-{number:05}.pcap"
            session = number % len(blocks)
            count += write_small(directory / "pcaps" / name, blocks[session], number)
            rows.writerow([name, labels[session]])
    return facts(directory / "pcaps", count, packets, labels)


def write_small(path, block, number):
    # A length of 1 to SMALL_PACKETS packets for each file, where the session has as many.
    packets = min(1 + number * 7 % SMALL_PACKETS, len(block.ends))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(block.shape.HEADER + block.first(block.replica(number), packets))
    return packets


def build_sort(directory, size):
    """A labelled pcapng file by time: at any moment packets of many samples take turns."""
    packets, labels = read_sources()
    block = Block(packets, LabelledPcapng)
    comments = [comment(sample) for sample in range(SAMPLES)]
    before_end = LabelledPcapng.COMMENT_BEFORE_END
    places = [(end - before_end, of.session) for end, of in zip(block.ends, packets)]

    def label(content, number):
        shift = number * len(labels)
        for at, session in places:
            content[at : at + COMMENT_BYTES] = comments[(session + shift) % SAMPLES]

    path = directory / "by_time.pcapng"
    count = write_replicas(path, block, size * MEGABYTE, label)
    return facts(path, count, packets, labels)


def build_python(directory, size):
    """Labelled pcapng files by time: of PYTHON_PACKETS packets, of `size` MB, and of a single sample, long and short."""
    packets, labels = read_sources()
    block = Block(packets, LabelledPcapng)
    comments = [comment(sample) for sample in range(SAMPLES)]
    places = [(end - LabelledPcapng.COMMENT_BEFORE_END, of.session) for end, of in zip(block.ends, packets)]

    def mixed(content, number):
        shift = number * len(labels)
        for at, session in places:
            content[at : at + COMMENT_BYTES] = comments[(session + shift) % SAMPLES]

    def alone(content, _):
        for at, _ in places:
            content[at : at + COMMENT_BYTES] = comments[0]

    made = {}
    for name, bytes_wanted, label in (
        ("by_time", block.bytes_of(PYTHON_PACKETS), mixed),
        ("large_by_time", size * MEGABYTE, mixed),
        ("long", block.bytes_of(LONG_SAMPLE), alone),
        ("short", block.bytes_of(LONG_SAMPLE // 10), alone),
    ):
        made[name] = write_replicas(directory / f"{name}.pcapng", block, bytes_wanted, label)
    return {**facts(directory / "by_time.pcapng", made["by_time"], packets, labels), "captures": made}


def comment(sample):
    """`id,label`. Ids have 19 digits, as hashed ones mostly have, and do not ascend with time."""
    sample_id = 10**18 + sample * 11_400_714_819_323_198_485 % (8 * 10**18)
    text = f"{sample_id},class-{sample % 50:02}".encode()
    assert len(text) == COMMENT_BYTES
    return text


def build_slope(directory, size):
    """Two captures of which one has ten times the packets, with rules and flow records about them.

    Each session of each replica has hosts of its own, as one pair of hosts would always be found in
    the same place. Only the MARKED ones, which rules are about, have the same hosts throughout.
    """
    packets, labels = read_sources()
    talks = conversations(packets)
    marked = marked_sessions(packets, talks)

    def network(number, session):
        if session in marked:
            return MARKED_NETWORK + marked.index(session)
        return FIRST_NETWORK + (number * len(labels) + session) % NETWORKS

    block = Block(packets, Pcap, network)
    # Every other conversation of every replica has a record.
    recorded = sorted(talks)[::2]
    captures = {}
    for name, bytes_wanted in ("small", size * MEGABYTE // 10), ("large", size * MEGABYTE):
        captures[name] = {
            "packets": write_replicas(directory / f"{name}.pcap", block, bytes_wanted),
            "ruled by one": packets_of(marked[:1], packets, block.parts(bytes_wanted)),
            "ruled": packets_of(marked, packets, block.parts(bytes_wanted)),
            "recorded": packets_of(recorded, packets, block.parts(bytes_wanted)),
        }
    replicas = len(list(block.parts(size * MEGABYTE)))
    strangers = Strangers(packets, replicas)
    about = rules_about(marked, block, replicas)
    for count in RULE_COUNTS:
        write_rules(directory / f"{count}.rules", count, about[:1], strangers)
    write_rules(directory / "fifth.rules", 10_000, about, strangers)
    write_records(directory / "records.csv", list(records_about(recorded, block, replicas)), strangers)
    large = directory / "large.pcap"
    return {**facts(large, captures["large"]["packets"], packets, labels), "captures": captures}


def build_publish(directory, _):
    """What publishing needs beside a capture: labels by service, a manifest, a key."""
    rules = {"tcp port 443": "tls", "tcp": "tcp", "udp port 53": "dns", "udp": "udp", "greater 0": "other"}
    (directory / "services.rules").write_text("".join(f"BPF:{rule},{label}\n" for rule, label in rules.items()))
    (directory / "dataset.toml").write_text(MANIFEST)
    (directory / "key").write_text("07" * 32 + "\n")
    (directory / "key").chmod(0o600)
    return {}


def build_score(directory, samples):
    """The labels of samples, and predictions of which some are wrong."""
    random = Random(SEED)
    ids = random.sample(range(10**18), samples)
    truth = [random.randrange(SCORED_CLASSES) for _ in ids]
    told = [random.randrange(SCORED_CLASSES) if random.random() < DRAWN else label for label in truth]
    for name, labels in ("truth", truth), ("predictions", told):
        rows = "".join(f"{one},class-{label:02}\n" for one, label in zip(ids, labels))
        (directory / f"{name}.csv").write_text("sample_id,label\n" + rows)
    return {"packets": samples, "bytes": size_of(directory / "truth.csv")}


def packets_of(sessions, packets, parts):
    """How many packets of these sessions are in a file of such parts of replicas."""
    up_to = [0, *accumulate(packet.session in sessions for packet in packets)]
    return sum(up_to[fitting] for fitting in parts)


def facts(path, packets, block, labels):
    """What is worth telling about an input."""
    return {
        "packets": packets,
        "bytes": size_of(path),
        "bytes_per_packet": round(sum(len(packet.data) for packet in block) / len(block), 1),
        "sessions": len(labels),
        "packets_per_block": len(block),
    }


BUILDERS = {
    "big": build_big,
    "small": build_small,
    "sort": build_sort,
    "slope": build_slope,
    "python": build_python,
    "publish": build_publish,
    "score": build_score,
}


def build(directory, name, amount):
    """Makes an input in directory/name, unless it is there. Returns the facts about it.

    What it was made from is written last: an input that was not finished is made anew.
    """
    directory = Path(directory, name)
    wanted = {"amount": amount, "made_from": fingerprint()}
    record = directory / "made.json"
    if record.exists():
        made = json.loads(record.read_text())
        if made["parameters"] == wanted:
            return made["facts"]
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    found = BUILDERS[name](directory, amount)
    record.write_text(json.dumps({"parameters": wanted, "facts": found}, indent=2) + "\n")
    return found


# Looking at files


def files_of(path):
    """A file itself, or the files below a directory."""
    return sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]


def size_of(path):
    return sum(file.stat().st_size for file in files_of(path))


def digest(path):
    """The SHA-256 of a file, or of the names and contents of all files below a directory."""
    state = hashlib.sha256()
    for file in files_of(path):
        state.update(f"{file.relative_to(path)} {file.stat().st_size}\n".encode())
        with open(file, "rb") as content:
            while chunk := content.read(2**20):
                state.update(chunk)
    return state.hexdigest()


def count_packets(path):
    """The number of packets in a capture, or in all captures below a directory."""
    captures = [file for file in files_of(Path(path)) if ".pcap" in file.name]
    return sum(count_in_file(file) for file in captures)


def count_in_file(path):
    """Steps over records or blocks; for files in the byte order of this machine."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return count_in(content)


def count_in(content):
    pcapng = content[:4] == PCAPNG_MAGIC
    at, packets = (0, 0) if pcapng else (24, 0)
    pair = struct.Struct("=II").unpack_from
    while at + 8 <= len(content):
        if pcapng:
            kind, length = pair(content, at)
            packets += kind == 6
            at += max(length, 12)
        else:
            captured, _ = pair(content, at + 8)
            packets += 1
            at += 16 + captured
    return packets
