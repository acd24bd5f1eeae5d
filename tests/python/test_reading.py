"""Samples and packets, against tshark, scapy and dpkt, and in every shape that a capture can have."""

import gzip
import io
import lzma
import math
import subprocess
from collections import defaultdict

import dpkt
import numpy as np
import pcapml
import pytest
import support
from scapy.utils import RawPcapNgReader
from support import ETHERNET, LINUX_SLL, RAW, Block, ethernet, ipv4

# Against other readers


def by_sample(seen):
    """Packets as tshark sees them, by sample id: the comments of the corpus are one each."""
    found = defaultdict(list)
    for packet in seen:
        found[int(packet.comment.partition(",")[0])].append(packet)
    return found


def test_every_packet_is_as_tshark_prints_it(labelled, labelled_seen):
    wanted, packets = by_sample(labelled_seen), 0
    for sample in pcapml.open(labelled):
        expected = wanted.pop(sample.sid)
        assert [packet.ts_ns for packet in sample.packets] == [one.ts_ns for one in expected]
        assert [packet.length for packet in sample.packets] == [one.length for one in expected]
        assert [packet.captured_length for packet in sample.packets] == [one.captured_length for one in expected]
        assert [packet.interface for packet in sample.packets] == [one.interface for one in expected]
        assert [support.md5(packet.raw_bytes) for packet in sample.packets] == [one.md5 for one in expected]
        comment = f"{sample.sid},{sample.label}"
        assert all(one.comment.startswith(comment) for one in expected)
        assert all(comment in ",".join(packet.comments) for packet in sample.packets)
        packets += len(sample.packets)
    assert not wanted
    assert packets == len(labelled_seen) > 50_000


def test_columns_are_as_tshark_prints_them(labelled, labelled_seen):
    wanted = by_sample(labelled_seen)
    for sample in pcapml.open(labelled):
        expected = wanted.pop(sample.sid)
        assert sample.timestamps.tolist() == [one.ts_ns for one in expected]
        assert sample.lengths.tolist() == [one.length for one in expected]
        assert sample.captured_lengths.tolist() == [one.captured_length for one in expected]
        assert sample.interface.tolist() == [one.interface for one in expected]
        parts = np.split(sample.bytes, sample.offsets[1:-1].astype(np.int64))
        assert [support.md5(part.tobytes()) for part in parts] == [one.md5 for one in expected]
    assert not wanted


@pytest.mark.filterwarnings("ignore")
def test_bytes_and_link_types_are_those_of_scapy(labelled):
    theirs = defaultdict(list)
    for data, about in RawPcapNgReader(str(labelled)):
        theirs[int(about.comments[0].split(b",")[0])].append((data, about.linktype, about.wirelen))
    ours = {
        sample.sid: [(packet.raw_bytes, packet.link_type, packet.length) for packet in sample.packets]
        for sample in pcapml.open(labelled)
    }
    assert ours == theirs


def test_bytes_and_times_are_those_of_dpkt(apps):
    with open(apps, "rb") as file:
        theirs = [(data, ts) for ts, data in dpkt.pcapng.Reader(file)]
    ours = [packet for sample in pcapml.open(apps) for packet in sample.packets]
    # The file is contiguous: samples come as they stand.
    assert [packet.raw_bytes for packet in ours] == [data for data, _ in theirs]
    # dpkt takes the resolution of the first interface for all of them, and has floats.
    of_first = [(packet.ts, ts) for packet, (_, ts) in zip(ours, theirs, strict=True) if packet.interface == 0]
    assert of_first
    assert all(abs(ts - their) < 1e-6 for ts, their in of_first)


def test_samples_are_those_of_the_command(apps, samples_csv):
    dataset = pcapml.open(apps)
    assert len(dataset) == len(samples_csv) == 90
    seen = {}
    for sample in dataset:
        row = samples_csv[sample.sample_id]
        assert (sample.sid, sample.label) == (sample.sample_id, row["label"])
        assert sample.fields == {"client": row["client"], "ip": row["ip"]}
        assert len(sample) == len(sample.packets) == int(row["packets"])
        assert int(sample.lengths.sum()) == int(row["bytes"])
        seen[sample.sid] = sample.label
    assert len(seen) == 90


# The shapes of captures


def content(sample):
    return (sample.label, [(packet.ts_ns, packet.raw_bytes) for packet in sample.packets])


def contents(dataset):
    found = [(sample.sid, content(sample)) for sample in dataset]
    assert len({sid for sid, _ in found}) == len(found), "each sample comes once"
    return dict(found)


def test_order_makes_no_difference(apps, apps_by_time):
    contiguous, mixed = pcapml.open(apps), pcapml.open(apps_by_time)
    assert contents(contiguous) == contents(mixed)
    assert len(mixed) == 90
    for sid in list(contents(contiguous))[::9]:
        assert content(mixed[sid]) == content(contiguous[sid])


def test_a_dataset_is_iterated_as_often_as_one_likes(apps):
    dataset = pcapml.open(apps)
    first, second = iter(dataset), iter(dataset)
    assert [next(first).sid, next(second).sid, next(first).sid][0:2] == [next(iter(dataset)).sid] * 2
    assert contents(dataset) == contents(dataset)


def test_samples_are_not_counted_first(apps, monkeypatch):
    """It would be one more pass; only `list(dataset)` and the like cannot be kept from it."""

    def counted(_):
        raise AssertionError("the dataset was asked for its length")

    monkeypatch.setattr(pcapml.Dataset, "__len__", counted)
    dataset = pcapml.open(apps)
    assert len(list(iter(dataset))) == sum(1 for _ in dataset) == 90
    assert len(list(pcapml.sampler(apps))) == len(list(pcapml.samples(apps))) == 90
    with pytest.raises(AssertionError, match="its length"):
        list(dataset)


def test_samples_that_alternate_without_a_word_about_order(write):
    blocks = [Block(ethernet(), [f"{number % 3 + 1},odd"], number) for number in range(9)]
    dataset = pcapml.open(write(blocks))
    assert {sample.sid: sample.timestamps.tolist() for sample in dataset} == {
        sid: [number * 1000 for number in range(9) if number % 3 + 1 == sid] for sid in (1, 2, 3)
    }


def test_a_sample_that_returns_in_a_contiguous_file_is_an_error(write):
    path = write([Block(ethernet(), [f"{sid},a"], 1) for sid in (1, 2, 1)], order="contiguous")
    with pytest.raises(pcapml.Error, match="1"):
        list(pcapml.open(path))


def test_a_packet_of_two_samples_is_in_both(write):
    both = ["1,web", "2,chat"]
    dataset = pcapml.open(write([Block(ethernet(), ["1,web"]), Block(ethernet(ipv4(6)), both)]))
    found = {sample.sid: [packet.raw_bytes for packet in sample.packets] for sample in dataset}
    assert found == {1: [ethernet(), ethernet(ipv4(6))], 2: [ethernet(ipv4(6))]}
    assert dataset[2].packets[0].comments == both


def test_packets_of_several_link_types(write):
    interfaces = [(ETHERNET, 6), (RAW, 9), (LINUX_SLL, 3)]
    blocks = [
        Block(ethernet(), ["7,mixed"], 5, 0),
        Block(ipv4(), ["7,mixed"], 5, 1),
        Block(b"\0" * 14 + b"\x08\0" + ipv4(), ["7,mixed"], 5, 2),
    ]
    sample = pcapml.open(write(blocks, interfaces))[7]
    assert [packet.link_type for packet in sample.packets] == [ETHERNET, RAW, LINUX_SLL]
    assert sample.timestamps.tolist() == [5_000, 5, 5_000_000]
    assert sample.interface.tolist() == [0, 1, 2]


def test_the_class_of_scapy_and_dpkt_is_that_of_the_link_type(write):
    from scapy.layers.inet import IP
    from scapy.layers.l2 import CookedLinux, Ether

    interfaces = [(ETHERNET, 6), (RAW, 6), (LINUX_SLL, 6)]
    cooked = b"\0\0\0\x01\0\x06\x02\0\0\0\0\x01\0\0\x08\0" + ipv4()
    blocks = [Block(data, ["7,mixed"], 5, at) for at, data in enumerate([ethernet(), ipv4(), cooked])]
    packets = pcapml.open(write(blocks, interfaces))[7].packets
    assert [type(packet.scapy()) for packet in packets] == [Ether, IP, CookedLinux]
    assert all(packet.scapy()[IP].dst == "10.0.0.2" for packet in packets)
    assert [type(packet.dpkt()) for packet in packets] == [dpkt.ethernet.Ethernet, dpkt.ip.IP, dpkt.sll.SLL]


def test_a_truncated_packet_has_both_lengths(write):
    packet = pcapml.open(write([Block(ethernet(), ["1,a"], length=1500)]))[1].packets[0]
    assert (packet.length, packet.captured_length, len(packet.raw_bytes)) == (1500, len(ethernet()), len(ethernet()))
    assert bytes(packet.view) == packet.raw_bytes


def test_packets_without_a_label_are_in_no_sample(write):
    blocks = [Block(ethernet(), ["1,a"]), Block(ethernet()), Block(ethernet(), time=None), Block(ethernet(), ["note"])]
    assert {sample.sid: len(sample) for sample in pcapml.open(write(blocks))} == {1: 1}


def test_fields_of_the_sample_and_of_the_packet(write):
    blocks = [
        Block(ethernet(), ["1,web%2Cold,os=linux,p.dir=fwd,e=1"]),
        Block(ethernet(), ["1,web%2Cold,os=linux,p.dir=bwd,e=1"]),
    ]
    sample = pcapml.open(write(blocks))[1]
    assert (sample.label, sample.metadata, sample.fields) == ("web,old", "web,old", {"os": "linux"})
    assert [packet.fields for packet in sample.packets] == [{"os": "linux", "dir": way} for way in ("fwd", "bwd")]


def test_the_largest_id(write):
    assert pcapml.open(write([Block(ethernet(), [f"{2**64 - 1},a"])]))[2**64 - 1].sid == 2**64 - 1


def test_times_beyond_nanoseconds_in_64_bits_raise(write):
    path = write([Block(ethernet(), ["1,a"], 10**12)], [(ETHERNET, 0)])
    with pytest.raises((pcapml.Error, OverflowError)):
        [sample.timestamps for sample in pcapml.open(path)]


def test_times_before_1970_and_of_powers_of_two(write):
    halves = write([Block(ethernet(), ["1,a"], 3)], [(ETHERNET, 0x81)])
    assert pcapml.open(halves)[1].packets[0].ts_ns == 1_500_000_000


def test_a_packet_as_a_sequence_element(apps):
    packets = next(iter(pcapml.open(apps))).packets
    assert packets[-1].raw_bytes == packets[len(packets) - 1].raw_bytes == list(packets)[-1].raw_bytes
    assert [packet.ts_ns for packet in packets[1:3]] == [packets[1].ts_ns, packets[2].ts_ns]
    with pytest.raises(IndexError):
        packets[len(packets)]
    assert math.isclose(packets[0].ts, packets[0].ts_ns / 1e9, abs_tol=1e-6)


def test_a_packet_outlives_its_sample_and_dataset(apps):
    dataset = pcapml.open(apps)
    packet = next(iter(dataset)).packets[0]
    column, view = next(iter(dataset)).bytes, packet.view
    wanted = bytes(packet.raw_bytes)
    del dataset
    assert packet.raw_bytes == bytes(view) == column[: len(wanted)].tobytes() == wanted


# Where captures come from


@pytest.fixture
def packed(apps, tmp_path, request):
    path = tmp_path / f"apps.pcapng.{request.param}"
    plain = apps.read_bytes()
    if request.param == "gz":
        path.write_bytes(gzip.compress(plain, 1))
    elif request.param == "xz":
        path.write_bytes(lzma.compress(plain, preset=0))
    else:
        program = {"zst": "zstd", "lz4": "lz4"}[request.param]
        support.need(program)
        path.write_bytes(subprocess.run([program, "-c"], input=plain, capture_output=True, check=True).stdout)
    return path


@pytest.mark.parametrize("packed", ["gz", "xz", "zst", "lz4"], indirect=True)
def test_compressed(packed, apps):
    assert contents(pcapml.open(packed)) == contents(pcapml.open(apps))
    sid = next(iter(pcapml.open(apps))).sid
    assert content(pcapml.open(packed)[sid]) == content(pcapml.open(apps)[sid])


def test_paths_of_every_kind(apps):
    wanted = contents(pcapml.open(apps))
    assert contents(pcapml.open(str(apps))) == contents(pcapml.open([str(apps)])) == wanted


def test_file_objects(apps):
    wanted = contents(pcapml.open(apps))
    with open(apps, "rb") as file:
        assert contents(pcapml.open(file)) == wanted
    assert contents(pcapml.open(io.BytesIO(apps.read_bytes()))) == wanted
    assert contents(pcapml.open(io.BytesIO(gzip.compress(apps.read_bytes(), 1)))) == wanted


def test_a_list_of_captures(apps, tmp_path):
    halves = []
    for number, ip in enumerate("46"):
        halves.append(tmp_path / f"{number}.pcapng")
        support.pcapml("select", apps, "--where", f"ip={ip}", "-o", halves[-1])
    dataset = pcapml.open(halves)
    one, other = (contents(pcapml.open(half)) for half in halves)
    assert len(one) + len(other) < 91
    assert contents(dataset) == one | other
    assert len(dataset) == len(one | other)


# Choosing


def test_ids(apps, samples_csv, tmp_path):
    ids = sorted(samples_csv)[10:15]
    dataset = pcapml.open(apps, ids=ids)
    assert len(dataset) == 5
    assert sorted(contents(dataset)) == ids
    listed = tmp_path / "ids.txt"
    listed.write_text("".join(f"{sid}\n" for sid in ids))
    assert sorted(contents(pcapml.open(apps, ids=listed))) == ids
    assert sorted(contents(pcapml.open(apps).select(listed))) == ids
    with pytest.raises(KeyError):
        dataset[min(samples_csv)]


def test_labels_and_where(apps, samples_csv):
    def chosen(key, value):
        return sorted(sid for sid, row in samples_csv.items() if row[key] == value)

    assert sorted(contents(pcapml.open(apps, labels=["dns"]))) == chosen("label", "dns")
    assert sorted(contents(pcapml.open(apps, where={"ip": "6"}))) == chosen("ip", "6")
    both = pcapml.open(apps, labels=["dns", "ntp"], where={"ip": "4"})
    wanted = sorted({*chosen("label", "dns"), *chosen("label", "ntp")} & {*chosen("ip", "4")})
    assert sorted(contents(both)) == wanted
    assert len(both) == len(wanted) > 0


def test_one_id_and_numbers_as_values(apps, samples_csv):
    sid = next(iter(samples_csv))
    assert [sample.sample_id for sample in pcapml.open(apps, ids=sid)] == [sid]
    assert len(pcapml.open(apps, where={"ip": 4})) == len(pcapml.open(apps, where={"ip": "4"})) > 0
    either = pcapml.open(apps, where={"ip": [4, 6], "client": ["curl", "dig"]})
    assert len(either.features("stats", rows="sample").to_pandas()) == len(either) > 0
    # Bytes are numbers to Python, and no label is named "100".
    with pytest.raises(TypeError, match="text"):
        pcapml.open(apps, labels=b"dns")
    with pytest.raises(TypeError, match="dict or a function"):
        pcapml.open(apps, where="ip=4")


def test_of_two_samples_of_one_id_only_the_chosen_one(write):
    first = write([Block(ethernet(), ["1,a,x=1"], 1), Block(ethernet(), ["2,b,x=1"], 2)], name="first.pcapng")
    other = write([Block(ethernet(), ["1,other,x=2"], 3)], name="other.pcapng")
    for chosen in {"labels": "a"}, {"labels": ["a", "b"]}, {"where": {"x": 1}}:
        dataset = pcapml.open([first, other], **chosen)
        rows = dataset.features("stats", rows="sample").to_pandas()
        assert list(rows["label"]) == dataset.sample_labels == [sample.label for sample in dataset]
        assert "other" not in dataset.flows().to_pandas()["label"].to_list()
    # A function cannot be told to the command.
    with pytest.raises(ValueError, match="two samples"):
        len(pcapml.open([first, other], where=lambda sample: sample.label == "a"))


def test_where_as_a_function(apps):
    chosen = pcapml.open(apps, where=lambda sample: len(sample) > 50)
    found = [len(sample) for sample in chosen]
    assert found == [len(sample) for sample in pcapml.open(apps) if len(sample) > 50]
    assert found


def test_an_id_that_is_not_there(apps):
    for wrong in (12345, -1, 2**70):
        with pytest.raises(KeyError):
            pcapml.open(apps)[wrong]


def test_an_empty_capture_of_no_samples(write):
    dataset = pcapml.open(write([]))
    assert (len(dataset), list(dataset)) == (0, [])


def test_labels_are_those_of_the_samples(apps, samples_csv):
    labels = pcapml.open(apps).labels
    assert set(labels) == {row["label"] for row in samples_csv.values()}


def test_memory_does_not_grow_with_what_was_read(labelled):
    """Neither by reading again, nor by looking samples up, nor by columns and packets that were let go."""
    script = """
import resource, sys, pcapml
def read():
    dataset = pcapml.open(sys.argv[1])
    for sample in dataset:
        sample.timestamps, sample.bytes, [packet.raw_bytes for packet in sample.packets]
        dataset[sample.sid].lengths
    list(dataset.packets(1000).to_arrow().column_names)
for round in range(12):
    read()
    if round == 3:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    assert int(support.run_ok(script, labelled)) < 30
