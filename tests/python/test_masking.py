"""What captures disallow is not given, unless it is asked for; the judge is the command that masks captures."""

import pickle
import struct
import warnings

import numpy as np
import pcapml
import pyarrow
import pytest
import support

FIELDS = ["eth.addr", "ip.addr", "tcp.port", "ip.ttl"]
MASKED = ["eth.addr", "ip.addr", "ip.ttl", "port"]


def disallowing(path, to, fields):
    """A copy of a capture whose header disallows fields: another Section Header Block before the same packets."""
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 4)[0]
    names = ",".join(f'"{name}"' for name in fields)
    text = f'pcapml: {{"format":1,"order":"contiguous","disallow":[{names}]}}'.encode()
    option = struct.pack("<HH", 1, len(text)) + text + bytes(-len(text) % 4) + bytes(4)
    size = 28 + len(option)
    header = struct.pack("<IIIHHq", 0x0A0D0D0A, size, 0x1A2B3C4D, 1, 0, -1) + option + struct.pack("<I", size)
    to.write_bytes(header + data[length:])
    return to


@pytest.fixture(scope="module")
def capture(apps, made):
    return disallowing(apps, made / "disallowing.pcapng", FIELDS)


@pytest.fixture(scope="module")
def masked(capture, made):
    """The same, masked by the command."""
    path = made / "masked.pcapng"
    support.pcapml("select", capture, "--mask", "disallowed", "-o", path)
    return path


def bytes_of(dataset):
    return {sample.sample_id: sample.bytes.tobytes() for sample in dataset}


def quiet(*arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pcapml.open(*arguments, **options)


def test_what_is_disallowed_is_zeroed_and_told_once(apps, capture, masked):
    with pytest.warns(UserWarning, match=r"zeroed.*: eth\.addr, ip\.addr, ip\.ttl, port; mask=None") as told:
        dataset = pcapml.open(capture)
        chosen = dataset.select(dataset.sample_ids[:3])
        again = pickle.loads(pickle.dumps(chosen))
    assert len(told) == 1
    assert told[0].filename == __file__
    assert dataset.masked == chosen.masked == again.masked == MASKED
    expected = bytes_of(pcapml.open(masked))
    assert bytes_of(dataset) == expected != bytes_of(pcapml.open(apps))
    assert bytes_of(again) == {sample_id: expected[sample_id] for sample_id in dataset.sample_ids[:3]}
    one = dataset.sample_ids[5]
    assert b"".join(packet.raw_bytes for packet in dataset[one].packets) == expected[one]
    rows = dataset.packets().to_arrow()
    assert b"".join(rows["raw"].to_pylist()) == b"".join(expected[sample.sample_id] for sample in dataset)
    for sample in dataset:
        frame = sample.packets[0].raw_bytes
        assert frame[:12] == bytes(12)


def test_all_can_be_had_as_it_is(apps, capture):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = pcapml.open(capture, mask=None)
        assert dataset.masked == []
        assert bytes_of(dataset) == bytes_of(pcapml.open(apps))
        assert "src_ip" in dataset.flows().to_arrow().column_names
        assert dataset.select(dataset.sample_ids[:2]).masked == []


def test_more_can_be_masked(apps, capture, masked):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Those that are named need no warning.
        assert pcapml.open(capture, mask=FIELDS).masked == MASKED
        one = pcapml.open(apps, mask="payload")
        # What is masked in the file needs no mask.
        assert pcapml.open(masked).masked == []
    assert one.masked == ["payload"]
    with pytest.raises(pcapml.Error, match="'ip.tll' is no field"):
        pcapml.open(apps, mask=["ip.tll"])


def test_features_rest_on_nothing_that_is_masked(capture):
    dataset = quiet(capture)
    for rows in (dataset.flows(), dataset.select(dataset.sample_ids[:9]).flows()):
        names = rows.to_arrow().column_names
        assert "duration" in names
        assert not {"src_ip", "dst_ip", "src_port", "dst_port", "community_id"} & set(names)
    with pytest.raises(pcapml.Error, match="shows what is masked"):
        dataset.features("ipfix", columns=["minimumTTL"]).to_arrow()
    names = quiet(capture, mask=["tcp.window_size"]).features("cic").to_arrow().column_names
    assert "Src IP" not in names
    assert "FWD Init Win Bytes" not in names
    matrix, _, _ = pcapml.load_xy(dataset, features="ipfix")
    more, _, _ = pcapml.load_xy(quiet(capture, mask=None), features="ipfix")
    assert more.shape[1] - matrix.shape[1] >= 4
    assert more.shape[0] == matrix.shape[0]


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
def test_masked_times_count_from_the_sample_s_first_packet(order, request):
    path = request.getfixturevalue(order)
    before, after = pcapml.open(path), pcapml.open(path, mask="frame.time")
    for plain, sample in zip(before, after, strict=True):
        assert np.array_equal(sample.timestamps, plain.timestamps - plain.timestamps.min())
    table = after.samples.to_arrow()
    assert set(table["first_time"].cast(pyarrow.int64()).to_pylist()) == {0}


@pytest.fixture(scope="module")
def two_sections(apps, made):
    """A capture of which the second section, with half of the samples, disallows what the first does not."""
    ids = pcapml.open(apps).sample_ids
    halves = []
    for name, half in (("one", ids[:45]), ("two", ids[45:])):
        (made / f"{name}.txt").write_text("".join(f"{one}\n" for one in half))
        halves.append(made / f"{name}.pcapng")
        support.pcapml("select", apps, "--ids", made / f"{name}.txt", "-o", halves[-1])
    second = disallowing(halves[1], made / "second.pcapng", FIELDS)
    path = made / "two-sections.pcapng"
    path.write_bytes(halves[0].read_bytes() + second.read_bytes())
    return path


REFUSED = r'disallows eth\.addr, ip\.addr.*first section.*mask=\["eth\.addr", "ip\.addr".*\] enforces it, mask=None does not'


def test_a_later_section_that_disallows_more_is_refused(apps, two_sections):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = pcapml.open(two_sections)
        assert (dataset.contiguous, dataset.masked) == (True, [])
        plain, given = bytes_of(pcapml.open(apps)), {}
        with pytest.raises(pcapml.Error, match=REFUSED) as raised:
            for sample in dataset:
                given[sample.sample_id] = sample.bytes.tobytes()
        assert raised.value.path == str(two_sections)
        assert "block" in raised.value.position
        # What came before is nobody's secret.
        assert given == {sample_id: plain[sample_id] for sample_id in list(plain)[: len(given)]}
        assert len(given) == 45
        # By an index, as rows, one by one, and by the older readers.
        for read in (
            len,
            lambda dataset: dataset.samples.to_arrow(),
            lambda dataset: dataset.packets().to_arrow(),
            lambda dataset: dataset[list(plain)[-1]],
            lambda dataset: list(pcapml.iter_packets(two_sections)),
            lambda dataset: pcapml.read_pcapml(two_sections),
            lambda dataset: list(pcapml.sampler(two_sections)),
            lambda dataset: dataset.select(list(plain)[:3]).flows().to_arrow(),
        ):
            with pytest.raises(pcapml.Error, match=REFUSED):
                read(pcapml.open(two_sections))


def test_a_later_section_is_read_as_somebody_says(apps, two_sections, masked):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        taken = pcapml.open(two_sections, mask=None)
        assert bytes_of(taken) == bytes_of(pcapml.open(apps))
        assert set(taken.select(taken.sample_ids[-3:]).flows().to_arrow()["sample_id"].to_pylist()) == set(
            taken.sample_ids[-3:]
        )
        assert bytes_of(pcapml.open(two_sections, mask=FIELDS)) == bytes_of(pcapml.open(masked))


def test_readers_of_packets_are_told_too(capture, apps):
    with pytest.warns(UserWarning, match="zeroed"):
        packets = list(pcapml.iter_packets(capture))
    assert all(packet.data[:12] == bytes(12) for packet in packets)
    assert len(packets) == len(list(pcapml.iter_packets(apps)))
    with pytest.warns(UserWarning, match="zeroed"):
        frame = pcapml.read_pcapml(capture)
    assert set(frame["src_ip"].dropna()) == {"0.0.0.0", "::"}
    with pytest.warns(UserWarning, match="zeroed"):
        assert next(iter(pcapml.sampler(capture))).packets[0].raw_bytes[:12] == bytes(12)
