"""Where groups of samples go, by FORMAT.md, section 8, alone: a second implementation to test the first one by.

Only what the standard library has: XXH3-64 is written out here for texts of 17 to 128 bytes, and proves itself on the
sample ids of FORMAT.md, section 3.
"""

import argparse
import collections
import csv
import hashlib
import io
import ipaddress
import pathlib
import struct
from fractions import Fraction

import captures
import layers
import samples

M64 = (1 << 64) - 1
P32_1, P64_1, P64_2 = 0x9E3779B1, 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F
PRIME_MX1 = 0x165667919E3779F9
# The first 128 bytes of XXH3's secret.
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
)


def xxh3_64(data):
    assert 17 <= len(data) <= 128, "write out the other lengths, if they are needed"

    def word(source, at):
        return int.from_bytes(source[at : at + 8], "little")

    def mix(at, secret_at):
        product = (word(data, at) ^ word(SECRET, secret_at)) * (word(data, at + 8) ^ word(SECRET, secret_at + 8))
        return (product & M64) ^ (product >> 64)

    size = len(data)
    acc = size * P64_1
    for pair in range((size - 1) // 32, -1, -1):
        acc += mix(16 * pair, 32 * pair) + mix(size - 16 * (pair + 1), 32 * pair + 16)
    acc &= M64
    acc ^= acc >> 37
    acc = acc * PRIME_MX1 & M64
    return acc ^ (acc >> 32)


def sample_id(namespace, kind, key):
    return xxh3_64("\0".join(["pcapml1", namespace, kind, key]).encode()) & (M64 >> 1)


assert sample_id("", "file", "facebook-handshake-1.pcap") == 229336481211675439
assert sample_id("", "rule", "BPF:tcp port 443|TS_START:1700000000|TS_END:1700003600.5") == 72855982147089632


def point(seed, purpose, name):
    return xxh3_64("\0".join(["pcapml-split1", str(seed), purpose, name]).encode())


def part(place, weights):
    """The part whose interval holds a place in [0, 1)."""
    end, total = Fraction(0), sum(weights)
    for number, weight in enumerate(weights):
        end += weight
        if place < end / total:
            return number
    raise AssertionError(place)


def deal(seed, purpose, weights, groups, strata=None):
    """For each group (name: samples in it), its part; strata: for each group, its stratum."""
    weights = [Fraction(weight) for weight in weights]
    points = {name: point(seed, purpose, name) for name in groups}
    if strata is None:
        return {name: part(Fraction(points[name], 1 << 64), weights) for name in groups}
    dealt = {}
    for stratum in set(strata.values()):
        members = sorted((points[name], name.encode()) for name in groups if strata[name] == stratum)
        names = [name.decode() for _, name in members]
        total = sum(groups[name] for name in names)
        start = Fraction(point(seed, "stratum", purpose + "\0" + stratum) >> 32, 1 << 32)
        before = 0
        for name in names:
            dealt[name] = part((before + start * groups[name]) / total, weights)
            before += groups[name]
    return dealt


# What the lists say of a capture.

ANSWERS = {1: [(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)], 58: [(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)]}
PORTS_NEEDED = (1, 6, 17, 33, 58, 132, 136)


class Facts:
    """What one reading tells of a sample."""

    def __init__(self, sample):
        self.sample = sample
        self.sha256 = hashlib.sha256()
        self.first = self.last = None
        self.flows = {}
        self.sources = set()


def facts_of(path):
    """The samples of a capture, by id."""
    found, fragments = {}, {}
    for packet in captures.read(path).packets:
        ends = flow_of(packet, fragments)
        for sample in samples.samples_of(packet.comments):
            facts = found.setdefault(sample.id, Facts(sample))
            add(facts, packet, ends)
        for comment in packet.comments:
            sample = samples.parse(comment)
            own = [part[len("p.source=") :] for part in comment.split(",")[2:] if part.startswith("p.source=")]
            if sample:
                found[sample.id].sources.update([sample.fields["source"]] if "source" in sample.fields else [], own)
    return found


def add(facts, packet, ends):
    time = packet.time
    head = struct.pack("<IB", packet.link, time is not None) + (time or 0).to_bytes(16, "little", signed=True)
    facts.sha256.update(head + struct.pack("<II", packet.wire_length, len(packet.data)) + packet.data)
    if time is not None:
        facts.first = time if facts.first is None else min(facts.first, time)
        facts.last = time if facts.last is None else max(facts.last, time)
    if ends:
        key, initiator = ends
        flow = facts.flows.setdefault(key, [time or 0, time or 0, initiator])
        if (time or 0) < flow[0]:
            flow[0], flow[2] = time or 0, initiator
        flow[1] = max(flow[1], time or 0)


def flow_of(packet, fragments):
    """The two ends of a packet's flow, by the outermost IP header, and who began it; None without a flow."""
    try:
        datagram = layers.decode(packet.link, packet.data, packet.wire_length, True)
    except layers.NotInFlow:
        return None
    source, destination = socket_name(datagram.source), socket_name(datagram.destination)
    if datagram.later_fragment is not None:
        ports, then = fragments.get(datagram.later_fragment, (None, None))
        if ports is None or abs(packet.time - then) > 120 * 10**9:
            if datagram.protocol in PORTS_NEEDED:
                return None
            ports = (0, 0)
    else:
        ports = datagram.ports or (0, 0)
        if datagram.icmp:
            kind, code = datagram.icmp[:2]
            pairs = ANSWERS[datagram.protocol]
            answer = dict(pairs) | {b: a for a, b in pairs}
            ports = (kind, answer.get(kind, code))
        elif datagram.protocol in PORTS_NEEDED and not datagram.ports:
            return None
        for identity in datagram.firsts:
            fragments[identity] = (ports, packet.time)
    key = (datagram.protocol, *sorted([(datagram.source, ports[0]), (datagram.destination, ports[1])]))
    accepts = datagram.flags is not None and datagram.flags & 0x12 == 0x12
    return key, destination if accepts else source


def socket_name(address):
    return str(ipaddress.ip_address(address))


def groups_of(found, by, idle=120 * 10**9):
    """For each sample, the name of its group."""
    if by in ("sample", "time"):
        return {id: str(id) for id in found}
    if by.startswith("field:"):
        return {id: facts.sample.fields.get(by[6:], f"sample:{id}") for id, facts in found.items()}
    if by == "host":
        first = {id: min(facts.flows.values(), key=lambda flow: flow[0], default=None) for id, facts in found.items()}
        return {id: flow[2] if flow else f"sample:{id}" for id, flow in first.items()}
    links = {"capture": lambda: [facts.sources for facts in found.values()], "flow": lambda: flow_links(found, idle)}[by]()
    leader = {}
    for linked in joined(links if by == "flow" else [{id for id, facts in found.items() if name in facts.sources} for name in set().union(*links)]):
        if by == "capture":
            name = min(name for id in linked for name in found[id].sources)
        else:
            name = str(min(linked, key=lambda id: (found[id].first is None, found[id].first or 0, id)))
        leader.update(dict.fromkeys(linked, name))
    return {id: leader.get(id, str(id) if by == "flow" else f"sample:{id}") for id in found}


def flow_links(found, idle):
    """Pairs of samples that share a flow: the plain way, all with all of one key."""
    by_key = {}
    for id, facts in found.items():
        for key, (first, last, _) in facts.flows.items():
            by_key.setdefault(key, []).append((first, last, id))
    for members in by_key.values():
        for first, last, id in members:
            yield from ({id, other} for a, b, other in members if a <= last + idle and first <= b + idle)


def joined(links):
    """Sets of samples that hang together."""
    sets = []
    for link in links:
        link = set(link)
        apart = [other for other in sets if not other & link]
        for other in sets:
            if other & link:
                link |= other
        sets = apart + [link]
    return sets


def expected_rows(found, options):
    """The rows of splits.csv: id, split, fold, group."""
    names, weights = zip(*(part.split("=") for part in options.ratio.split(",")))
    group_of = groups_of(found, options.by)
    sizes, strata = collections.Counter(group_of.values()), None
    if options.stratify:
        labels = {name: collections.Counter() for name in sizes}
        for id, name in group_of.items():
            labels[name][found[id].sample.label] += 1
        strata = {name: min(count, key=lambda label: (-count[label], label.encode())) for name, count in labels.items()}
    dealt = deal(options.seed, "split", weights, sizes, strata)
    place = {name: names[part] for name, part in dealt.items()}
    if options.challenge:
        percent = Fraction(options.challenge)
        hidden = deal(options.seed, "challenge", [percent, 100 - percent], sizes, strata)
        place.update({name: "challenge" for name, part in hidden.items() if part == 0})
    fold = {}
    if options.folds:
        learned = {name: size for name, size in sizes.items() if place[name] not in ("test", "challenge")}
        fold = deal(options.seed, "fold", [1] * options.folds, learned, strata and {name: strata[name] for name in learned})
    for id in sorted(found):
        name = group_of[id]
        yield [str(id), place[name], str(fold.get(name, "")), "" if place[name] == "challenge" else name]


def main():
    parser = argparse.ArgumentParser(description="Compares what pcapml partition wrote with what it ought to have written.")
    parser.add_argument("capture")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--by", required=True)
    parser.add_argument("--ratio", default="train=70,validation=10,test=20")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=int)
    parser.add_argument("--challenge")
    parser.add_argument("--stratify", action="store_true")
    options = parser.parse_args()
    found = facts_of(options.capture)
    text = (options.directory / "splits.csv").read_text()
    comments = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    assert rows[0] == ["sample_id", "split", "fold", "group"], rows[0]
    expected = list(expected_rows(found, options))
    wrong = [pair for pair in zip(rows[1:], expected) if pair[0] != pair[1]]
    assert len(rows) - 1 == len(expected) and not wrong, wrong[:10]
    place = {int(row[0]): row[1] for row in expected}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["sample_id", "label", "sha256"])
    for id in sorted(found):
        label = "" if place[id] == "challenge" else found[id].sample.label
        writer.writerow([id, label, found[id].sha256.hexdigest()])
    contents = (options.directory / "contents.csv").read_bytes()
    assert contents == out.getvalue().encode(), "contents.csv"
    assert comments["sample_table_sha256"] == hashlib.sha256(contents).hexdigest()
    for name in {row[1] for row in expected}:
        lines = (options.directory / f"{name}.txt").read_text().splitlines()
        assert [line for line in lines if not line.startswith("#")] == [row[0] for row in expected if row[1] == name], name
    print(f"{len(expected)} samples in {len(set(groups_of(found, options.by).values()))} groups as expected")


if __name__ == "__main__":
    main()
