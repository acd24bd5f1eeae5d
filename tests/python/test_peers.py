"""Code for the readers that there were: both protocols of `sampler`, their examples, the Go project's package."""

import os
import subprocess
import sys
from pathlib import Path

import pandas
import pcapml
import pytest
import support
from support import RAW, Block, ethernet, ipv4

# What the three published examples do with the reader, in our words; {module} is what they import.

# pcapml_fe's: attributes.
ATTRIBUTES = """
import argparse
import {module}

def report(sample):
    print("Sample ID:", sample.sid)
    print("Sample metadata:", sample.metadata)
    for packet in sample.packets:
        print(packet.ts, packet.raw_bytes)

parser = argparse.ArgumentParser()
parser.add_argument("dataset")
for sample in {module}.sampler(parser.parse_args().dataset):
    report(sample)
"""
# The seed README's: a sample is a list of tuples. The first of each is the sample's number, in the reader it is about.
TUPLES = """
import sys
import {module}

for sample in {module}.sampler(sys.argv[1]):
    sid, metadata = sample[0][1], sample[0][2]
    print(sid, len(sample), metadata)
    for idx, sid, label, ts, pkt_buf in sample:
        print(idx, sid, label, ts, len(pkt_buf))
"""
# pypcapml's: a sample's elements are printed as they are.
ELEMENTS = """
import sys
import {module}

for sample in {module}.sampler(sys.argv[1]):
    for packet in sample:
        print(packet)
"""
# The Go project's package: frames and the lower level.
FRAMES = """
import sys
import pcapml

frame = pcapml.read_pcapml(sys.argv[1])
print(len(frame), list(frame.columns)[:3])
for packet in pcapml.iter_packets(sys.argv[1]):
    sample_id, label, direction, destination, metadata = pcapml.parse_comment(packet.comment)
    print(sample_id, label, direction, destination, packet.timestamp, len(packet.data), packet.link_type)
"""


@pytest.fixture(scope="module")
def rows(apps):
    """Samples of our dataset as plain values."""
    return [
        (sample.sid, sample.label, [(packet.ts, packet.raw_bytes) for packet in sample.packets])
        for sample in pcapml.open(apps)
    ]


MODULES = ["pcapml", "pcapml_fe", "pcapML"]


@pytest.mark.parametrize("module", MODULES)
def test_the_example_with_attributes(apps, rows, module):
    lines = support.run_ok(ATTRIBUTES.format(module=module), apps).splitlines()
    wanted = []
    for sid, label, packets in rows:
        wanted += [f"Sample ID: {sid}", f"Sample metadata: {label}"]
        wanted += [f"{ts} {data}" for ts, data in packets]
    assert lines == wanted


@pytest.mark.parametrize("module", MODULES)
def test_the_example_with_tuples(apps, rows, module):
    lines = support.run_ok(TUPLES.format(module=module), apps).splitlines()
    wanted = []
    for idx, (sid, label, packets) in enumerate(rows):
        wanted.append(f"{sid} {len(packets)} {label}")
        wanted += [f"{idx} {sid} {label} {ts} {len(data)}" for ts, data in packets]
    assert lines == wanted


@pytest.mark.parametrize("module", MODULES)
def test_the_example_that_prints_elements(apps, rows, module):
    lines = support.run_ok(ELEMENTS.format(module=module), apps).splitlines()
    assert len(lines) == sum(len(packets) for _, _, packets in rows) == 3105


def test_the_example_with_frames(apps, rows):
    lines = support.run_ok(FRAMES, apps).splitlines()
    assert lines[0] == "3105 ['timestamp', 'sample_id', 'label']"
    wanted = [f"{sid} {label} None None {ts} {len(data)} 1" for sid, label, packets in rows for ts, data in packets]
    assert lines[1:] == wanted


def test_both_protocols_on_one_sample(apps):
    for number, sample in enumerate(pcapml.sampler(str(apps))):
        assert len(sample) == len(sample.packets)
        rows = [(number, sample.sid, sample.metadata, packet.ts, packet.raw_bytes) for packet in sample.packets]
        assert list(sample) == [sample[at] for at in range(len(sample))] == rows
        assert sample[-1][4] == sample.packets[-1].raw_bytes
        with pytest.raises(IndexError):
            sample[len(sample)]


def test_sampler_on_a_capture_by_time(apps, apps_by_time):
    def content(path):
        return {sample.sid: [row[3:] for row in sample] for sample in pcapml.sampler(str(path))}

    assert content(apps) == content(apps_by_time)


# The Go project's package

COLUMNS = {
    "timestamp": "datetime64[ns, UTC]",
    "sample_id": "string",
    "label": "string",
    "direction": "string",
    "dst": "string",
    "src_ip": "string",
    "dst_ip": "string",
    "proto": "string",
    "src_port": "Int64",
    "dst_port": "Int64",
    "length": "Int64",
    "raw": "object",
}


def test_columns_and_dtypes(apps):
    frame = pcapml.read_pcapml(apps)
    assert list(frame.columns) == [*COLUMNS, "client", "ip"]
    for name, dtype in COLUMNS.items():
        assert frame[name].dtype == dtype, name
    assert (frame["client"].dtype, frame["ip"].dtype) == ("string", "string")
    assert len(frame) == 3105
    assert all(isinstance(data, bytes) for data in frame["raw"])
    assert list(pcapml.read_pcapml(str(apps), include_raw=False).columns) == [name for name in frame if name != "raw"]


def test_values_are_those_of_tshark(apps):
    support.need("tshark")
    frame = pcapml.read_pcapml(apps)
    names = [
        "frame.time_epoch",
        "frame.len",
        "ip.src",
        "ipv6.src",
        "ip.dst",
        "ipv6.dst",
        "tcp.srcport",
        "udp.srcport",
        "tcp.dstport",
        "udp.dstport",
    ]
    wanted = [part for name in names for part in ("-e", name)]
    run = subprocess.run(
        ["tshark", "-r", apps, "-T", "fields", "-E", "occurrence=f", "-E", "separator=/t", *wanted],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [line.split("\t") for line in run.stdout.splitlines()]

    def either(row, *at):
        return next((row[one] for one in at if row[one]), None)

    def column(name):
        return [None if value is pandas.NA else value for value in frame[name].tolist()]

    assert column("src_ip") == [either(row, 2, 3) for row in theirs]
    assert column("dst_ip") == [either(row, 4, 5) for row in theirs]
    assert [value and str(value) for value in column("src_port")] == [either(row, 6, 7) for row in theirs]
    assert [value and str(value) for value in column("dst_port")] == [either(row, 8, 9) for row in theirs]
    assert column("length") == [int(row[1]) for row in theirs]
    assert [f"{value // 10**9}.{value % 10**9:09}" for value in frame["timestamp"].astype("int64")] == [
        row[0] for row in theirs
    ]


def test_further_keys_are_promoted(write):
    blocks = [
        Block(ethernet(ipv4(6)), ["s=7,proc=curl,dir=e,dst=a.com,asn=15169,foo=bar"]),
        Block(ethernet(ipv4(1)), ["s=7,proc=curl,dir=i,dst=a.com,asn=15169,length=9"]),
    ]
    frame = pcapml.read_pcapml(write(blocks))
    assert frame["sample_id"].tolist() == ["7", "7"]
    assert frame["label"].tolist() == ["curl", "curl"]
    assert frame["direction"].tolist() == ["e", "i"]
    assert frame["dst"].tolist() == ["a.com", "a.com"]
    assert frame["proto"].tolist() == ["TCP", "ICMP"]
    assert frame["asn"].tolist() == ["15169", "15169"]
    assert frame["foo"].tolist() == ["bar", pandas.NA] or (frame["foo"][0] == "bar" and frame["foo"].isna()[1])
    assert frame["meta_length"][1] == "9"
    assert frame["length"].tolist() == [len(ethernet(ipv4(6))), len(ethernet(ipv4(1)))]
    assert frame["src_port"][0] == 1000
    assert frame["src_port"].isna().tolist() == [False, True]


def test_link_types_without_ethernet(write):
    frame = pcapml.read_pcapml(write([Block(ipv4(), ["1,a"]), Block(b"\x45", ["1,a"])], [(RAW, 6)]))
    assert frame["src_ip"].tolist()[0] == "10.0.0.1"
    assert frame["src_ip"].isna().tolist() == [False, True]


def test_a_frame_of_nothing(write):
    frame = pcapml.read_pcapml(write([]))
    assert (list(frame.columns), len(frame)) == (list(COLUMNS), 0)
    assert {name: frame[name].dtype for name in COLUMNS if name != "raw"} == {
        name: dtype for name, dtype in COLUMNS.items() if name != "raw"
    }


def test_samples_as_frames(apps, samples_csv):
    packets = 0
    for sample in pcapml.samples(apps):
        row = samples_csv[int(sample.sample_id)]
        assert (sample.sid, sample.label) == (sample.sample_id, row["label"])
        assert len(sample) == len(sample.df) == len(sample.packets) == int(row["packets"])
        assert (sample.df["sample_id"] == str(sample.sample_id)).all()
        packets += len(sample)
    assert packets == 3105


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        (
            "s=0,proc=curl,dir=lan2wan,dst=example.com",
            ("0", "curl", "lan2wan", "example.com", {"s": "0", "proc": "curl", "dir": "lan2wan", "dst": "example.com"}),
        ),
        ("18205618432581910911,windows-10", ("18205618432581910911", "windows-10", None, None, {})),
        ("5,web,os=linux", ("5", "web", None, None, {"os": "linux"})),
    ],
)
def test_parse_comment(comment, wanted):
    assert tuple(pcapml.parse_comment(comment)) == wanted


def test_against_the_package_itself(apps, made):
    """The pure-Python package, which scripts/python_env puts aside, for it has the name of ours."""
    package = os.environ.get("PCAPML_GO_PACKAGE") or Path(sys.prefix) / "pure"
    if not Path(package, "pcapml").exists():
        pytest.skip(f"the Go project's package is not in {package}")
    script = """
import sys
sys.path.insert(0, sys.argv[1])
import pcapml
assert hasattr(pcapml, "_pcapng"), pcapml.__file__
pcapml.read_pcapml(sys.argv[2]).to_pickle(sys.argv[3])
"""
    support.run_ok(script, package, apps, made / "theirs.pickle")
    theirs, ours = pandas.read_pickle(made / "theirs.pickle"), pcapml.read_pcapml(apps)
    assert list(ours.columns) == list(theirs.columns)
    assert ours.dtypes.tolist() == theirs.dtypes.tolist()
    # Its times are floats.
    assert (ours.pop("timestamp") - theirs.pop("timestamp")).abs().max() < pandas.Timedelta("1us")
    pandas.testing.assert_frame_equal(ours, theirs)
