"""Where groups of samples go, by FORMAT.md, section 8, alone: a second implementation to test the first one by.

Only what the standard library has: XXH3-64 is written out here for texts of 17 to 128 bytes, and proves itself on the
sample ids of FORMAT.md, section 3.
"""

from fractions import Fraction

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
