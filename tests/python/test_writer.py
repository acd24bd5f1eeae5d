"""Captures written from Python, as tshark, capinfos and the package itself read them."""

import subprocess

import numpy as np
import pcapml
import pytest
import support
from support import ETHERNET, RAW, ethernet, ipv4

NOON = 1_700_000_000_123_456_789


def capinfos(path):
    """What capinfos prints of a capture, which it must accept."""
    support.need("capinfos")
    run = subprocess.run(["capinfos", "-M", "-c", "-d", "-E", "-I", path], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr + run.stdout
    lines = (line.partition(":") for line in run.stdout.splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def test_round_trip(tmp_path):
    path = tmp_path / "written.pcapng"
    with pcapml.Writer(path) as writer:
        first, second = writer.add_interface(ETHERNET), writer.add_interface(RAW, name="tun0")
        writer.write(NOON, ethernet(), 5, "web, old", {"os": "linux"}, interface=first)
        writer.write(NOON + 1, ipv4(), 6, "chat", interface=second, length=1500, comments=["a note"])
        writer.write(NOON + 2, bytearray(ethernet()), None, None, interface=first)
    assert not list(tmp_path.glob(".*")), "no temporary file stays"
    support.need("tshark")
    one, two, three = support.tshark(path)
    assert [packet.ts_ns for packet in (one, two, three)] == [NOON, NOON + 1, NOON + 2]
    assert one.comment == "5,web%2C old,os=linux,e=1"
    assert two.comment in ("6,chat,a note", "a note,6,chat")
    assert three.comment == ""
    assert [one.md5, two.md5, three.md5] == [support.md5(data) for data in (ethernet(), ipv4(), ethernet())]
    assert (two.length, two.captured_length, two.interface) == (1500, len(ipv4()), 1)
    assert capinfos(path)["Number of packets"] == "3"
    dataset = pcapml.open(path)
    assert (dataset[5].label, dataset[5].fields) == ("web, old", {"os": "linux"})
    assert dataset[6].packets[0].link_type == RAW
    assert "a note" in dataset[6].packets[0].comments


def test_a_whole_dataset_written_again(apps, tmp_path):
    path = tmp_path / "again.pcapng"
    with pcapml.Writer(path) as writer:
        writer.add_interface(ETHERNET)
        for sample in pcapml.open(apps):
            for packet in sample.packets:
                writer.write(packet.ts_ns, packet.view, sample.sid, sample.label, sample.fields, length=packet.length)
    support.need("tshark")
    ours, theirs = support.tshark(path), support.tshark(apps)
    assert [(one.ts_ns, one.md5, one.length, one.comment) for one in ours] == [
        (one.ts_ns, one.md5, one.length, one.comment) for one in theirs
    ]
    assert capinfos(path)["Number of packets"] == "3105"


def test_without_an_interface_there_is_an_ethernet_one(tmp_path):
    with pcapml.Writer(str(tmp_path / "one.pcapng")) as writer:
        writer.write(NOON, np.frombuffer(ethernet(), np.uint8), 1, "a")
    assert pcapml.open(tmp_path / "one.pcapng")[1].packets[0].link_type == ETHERNET


def test_an_exception_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), pcapml.Writer(tmp_path / "none.pcapng") as writer:
        writer.write(NOON, ethernet(), 1, "a")
        1 / 0
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept_without_force(tmp_path):
    path = tmp_path / "there.pcapng"
    path.write_text("precious")
    with pytest.raises(pcapml.Error), pcapml.Writer(path) as writer:
        writer.write(NOON, ethernet(), 1, "a")
    assert path.read_text() == "precious"
    with pcapml.Writer(path, force=True) as writer:
        writer.write(NOON, ethernet(), 1, "a")
    assert len(pcapml.open(path)) == 1


@pytest.mark.parametrize(
    ("wrong", "exceptions"),
    [
        ({"label": ""}, (pcapml.Error, ValueError)),
        ({"label": None}, (pcapml.Error, ValueError, TypeError)),
        ({"sample_id": -1}, (pcapml.Error, ValueError, OverflowError)),
        ({"sample_id": 2**64}, (pcapml.Error, ValueError, OverflowError)),
        ({"fields": {"dst": "x"}}, (pcapml.Error, ValueError)),
        ({"fields": {"e": "1"}}, (pcapml.Error, ValueError)),
        ({"fields": {"no key": "x"}}, (pcapml.Error, ValueError)),
        ({"fields": {"long": "x" * 70_000}}, (pcapml.Error, ValueError)),
        ({"interface": 9}, (pcapml.Error, ValueError, IndexError)),
        ({"data": "text"}, (TypeError, BufferError)),
        ({"ts_ns": 1.5}, TypeError),
        ({"ts_ns": -1}, (pcapml.Error, ValueError, OverflowError)),
        ({"ts_ns": 2**63}, (pcapml.Error, ValueError, OverflowError)),
        ({"data": np.arange(9, dtype=np.int16)}, (TypeError, BufferError)),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_written_is_refused(tmp_path, wrong, exceptions):
    right = {"ts_ns": NOON, "data": ethernet(), "sample_id": 1, "label": "a"}
    writer = pcapml.Writer(tmp_path / "wrong.pcapng")
    with pytest.raises(exceptions):
        writer.write(**{**right, **wrong})
    writer.abort()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sample", [{}, {"sample_id": 1, "label": "a"}], ids=["no sample", "a sample"])
@pytest.mark.parametrize("comment", ["7,x", "s=7,proc=x", "7,x,os=linux", "1,a"])
def test_a_comment_that_names_a_sample_is_refused(tmp_path, sample, comment):
    """`comments=packet.comments` would put the packet into its old sample too, and nobody would see it."""
    path = tmp_path / "notes.pcapng"
    with pcapml.Writer(path) as writer:
        with pytest.raises(ValueError, match=f"into sample {comment.strip('s=')[0]}: .*sample_id="):
            writer.write(NOON, ethernet(), **sample, comments=["a note", comment])
        writer.write(NOON, ethernet(), **sample, comments=["a note", "7 of 9", "seen at 7.5 s"])
    dataset = pcapml.open(path)
    assert dataset.sample_ids == ([1] if sample else [])
    assert sum(batch.num_rows for batch in dataset.packets()) == len(dataset)


def test_a_packet_of_several_samples(tmp_path):
    path, again = tmp_path / "several.pcapng", tmp_path / "again.pcapng"
    with pcapml.Writer(path) as writer:
        writer.write(NOON, ethernet(), samples=[(7, "dns, old"), (9, "attack", {"phase": 2}), (8, "x", None)])
        writer.write(NOON + 1, ethernet(), samples=[(9, "attack", {"phase": 2})], comments=["a note"])
        writer.write(NOON + 2, ethernet(), samples=[])
    dataset = pcapml.open(path)
    assert {sample.sid: (sample.label, sample.fields, len(sample)) for sample in dataset} == {
        7: ("dns, old", {}, 1),
        9: ("attack", {"phase": "2"}, 2),
        8: ("x", {}, 1),
    }
    assert dataset.unlabelled == 1
    with pcapml.Writer(again) as writer:
        for packet in pcapml.open(path)[9].packets:
            labels = filter(None, map(pcapml._native.parse_comment, packet.comments))
            writer.write(packet.ts_ns, packet.view, samples=[label[:3] for label in labels])
    assert pcapml.open(again).sample_ids == [7, 9, 8]


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"samples": [(1, "a"), (1, "b")]}, "sample 1 twice"),
        ({"samples": [(1, "a")], "sample_id": 2, "label": "b"}, "samples= names all"),
        ({"samples": [(1, "a")], "fields": {}}, "samples= names all"),
        ({"samples": [(1, "a"), (2, "")]}, "empty label"),
        ({"samples": [(1, "a", {"dst": "x"})]}, "name of a field"),
        ({"samples": [(1,)]}, None),
        ({"samples": [(-1, "a")]}, None),
    ],
)
def test_several_samples_that_cannot_be(tmp_path, wrong, match):
    writer = pcapml.Writer(tmp_path / "wrong.pcapng")
    with pytest.raises((pcapml.Error, ValueError, TypeError, OverflowError), match=match):
        writer.write(NOON, ethernet(), **wrong)
    writer.abort()


def test_a_closed_writer_writes_no_more(tmp_path):
    writer = pcapml.Writer(tmp_path / "closed.pcapng")
    writer.write(NOON, ethernet(), 1, "a")
    writer.close()
    with pytest.raises((pcapml.Error, ValueError)):
        writer.write(NOON, ethernet(), 1, "a")
