"""Faulty and hostile input gives exceptions that say where; the interpreter lives on."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import warnings

import pcapml
import pytest
import support
from support import Block, ethernet

NOON = 1_700_000_000_123_456_789


def test_an_error_says_file_place_and_reason(apps, tmp_path):
    path = tmp_path / "cut.pcapng"
    path.write_bytes(apps.read_bytes()[:100_001])
    samples = []
    with pytest.raises(pcapml.Error) as raised:
        samples.extend(pcapml.open(path))
    error = raised.value
    assert error.path == str(path)
    assert "block" in error.position
    assert "byte" in error.position
    assert error.message
    assert str(path) in str(error)
    assert error.message in str(error)
    # What could be read was given before.
    assert samples
    with pytest.raises(subprocess.CalledProcessError) as command:
        subprocess.run([support.pcapml_command(), "samples", path], check=True, capture_output=True, text=True)
    assert error.position.split(" (")[0] in command.value.stderr


def test_samples_of_a_faulty_file_by_id_come_with_a_warning(apps, tmp_path):
    """The last one is cut, and nothing else would say so."""
    path = tmp_path / "cut.pcapng"
    path.write_bytes(apps.read_bytes()[:100_001])
    dataset = pcapml.open(path)
    with pytest.warns(pcapml.Faulty, match="block"):
        ids = dataset.sample_ids
    assert len(dataset[ids[-1]]) > 0
    fresh = pcapml.open(path)
    with pytest.warns(pcapml.Faulty, match="block"):
        assert fresh[ids[0]].sample_id == ids[0]


def test_a_file_that_is_not_there(tmp_path):
    missing = tmp_path / "missing.pcapng"
    with pytest.raises(pcapml.Error) as raised:
        list(pcapml.open(missing))
    assert raised.value.path == str(missing)
    assert issubclass(pcapml.Error, Exception)


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"no capture at all", b"\x0a\x0d\x0d\x0a"])
def test_what_is_no_capture(tmp_path, content):
    path = tmp_path / "none.pcapng"
    path.write_bytes(content)
    with pytest.raises(pcapml.Error):
        list(pcapml.open(path))


@pytest.mark.parametrize("wrong", [None, 5, 1.5, [None], {}])
def test_what_is_no_path(wrong):
    with pytest.raises((TypeError, ValueError)):
        list(pcapml.open(wrong))


def test_a_fault_of_the_labels_has_line_and_column(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("filename,label\ncurl-v4-1.pcap,\n")
    with pytest.raises(pcapml.Error) as raised:
        pcapml.label(support.APPS / "pcaps" / "http", labels=table, output=tmp_path / "out.pcapng")
    assert raised.value.path == str(table)
    assert "line 2" in raised.value.position


def test_a_capture_that_changes_while_it_is_read(apps, tmp_path):
    """Cut short after the index was made: an error, or what was read before, and never a crash."""
    path = tmp_path / "shrinks.pcapng"
    path.write_bytes(apps.read_bytes())
    script = """
import os, sys, pcapml
dataset = pcapml.open(sys.argv[1])
ids = [sample.sid for sample in dataset]
samples = iter(dataset)
next(samples)
os.truncate(sys.argv[1], 5000)
for what in (lambda: list(samples), lambda: [dataset[sid] for sid in ids]):
    try:
        what()
    except (pcapml.Error, KeyError) as error:
        print(type(error).__name__)
"""
    assert "Error" in support.run_ok(script, path)


def test_texts_that_are_no_utf_8(write):
    path = write([Block(ethernet(), ["1,aXXb"])])
    path.write_bytes(path.read_bytes().replace(b"XX", b"\xff\xfe"))
    # No label, then, as the command has it, but somebody's note.
    with pytest.warns(UserWarning, match="no packet carries a label"):
        assert list(pcapml.open(path)) == []
    path = write([Block(ethernet(), ["1,a", "nXXte"])])
    path.write_bytes(path.read_bytes().replace(b"XX", b"\xff\xfe"))
    comments = pcapml.open(path)[1].packets[0].comments
    assert comments[0] == "1,a"
    assert comments[1].startswith("n")


# The hostile captures

# Everything that reads, on each of the files named on standard input; a line of JSON for each.
READ_ALL = """
import json, sys, pcapml, pyarrow

def columns(dataset):
    for sample in dataset:
        sample.timestamps, sample.lengths, sample.captured_lengths, sample.interface, sample.bytes, sample.offsets

def loop(dataset):
    for sample in dataset:
        for packet in sample.packets:
            packet.ts, packet.raw_bytes, packet.comments, packet.fields, packet.link_type

def table(dataset):
    pyarrow.table(dataset.packets(100)).validate(full=True)

WAYS = {
    "open": lambda path: loop(pcapml.open(path)),
    "columns": lambda path: columns(pcapml.open(path)),
    "index": lambda path: [pcapml.open(path)[sample.sid] for sample in pcapml.open(path)],
    "len": lambda path: len(pcapml.open(path)),
    "table": lambda path: table(pcapml.open(path)),
    "sampler": lambda path: [[row for row in sample] for sample in pcapml.sampler(path)],
    "frame": lambda path: pcapml.read_pcapml(path),
    "labelled": lambda path: label_and_read(path),
}

def label_and_read(path):
    pcapml.label(path, labels=sys.argv[1] + "/rules.csv", output=sys.argv[1] + "/out.pcapng", force=True)
    loop(pcapml.open(sys.argv[1] + "/out.pcapng"))

def outcome(way, path):
    try:
        way(path)
        return "read"
    except (pcapml.Error, OverflowError, pyarrow.ArrowException) as error:
        # Whoever takes an Arrow stream has a type of error of its own, with our text.
        return "refused" if str(error) else "no message"
    except Exception as error:
        return repr(error)

for path in sys.stdin.read().splitlines():
    # Before, so that a crash tells which file it was.
    print(path, flush=True)
    print(json.dumps({name: outcome(way, path) for name, way in WAYS.items()}), flush=True)
"""
RULES = "BPF:ip or ip6,inet\nBPF:greater 0,rest\n"


def read_all(paths, directory):
    """The outcomes of each file; of one that ended the process, what it said last."""
    directory.mkdir(exist_ok=True)
    (directory / "rules.csv").write_text(RULES)
    found, waiting = {}, list(paths)
    while waiting:
        run = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", READ_ALL, directory],
            input="\n".join(map(str, waiting)),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        lines = run.stdout.splitlines()
        told = {path: json.loads(outcome) for path, outcome in zip(lines[::2], lines[1::2], strict=False)}
        found.update(told)
        if run.returncode == 0:
            break
        crashed = lines[-1] if len(lines) % 2 else waiting[0]
        found[str(crashed)] = {"crash": run.stderr[-2000:]}
        waiting = waiting[waiting.index(type(waiting[0])(crashed)) + 1 :]
    return found


def test_hostile_captures_never_crash(corpus, tmp_path, capsys):
    wanted = {entry["file"]: entry for entry in map(json.loads, (corpus / "hostile/manifest.jsonl").open())}
    paths = sorted((corpus / "hostile/files").iterdir())
    found = read_all(paths, tmp_path / "work")
    crashes = {path: outcome["crash"] for path, outcome in found.items() if "crash" in outcome}
    with capsys.disabled():
        tried = sum(map(len, found.values()))
        print(f"\nhostile captures in Python: files tried {len(found)}, readings {tried}, crashes {len(crashes)}")
    assert not crashes
    assert len(found) == len(paths) == len(wanted)
    for path, outcomes in found.items():
        name = os.path.basename(path)
        assert set(outcomes.values()) <= {"read", "refused"}, (name, outcomes)
        if wanted[name]["want"] == "refuse":
            assert outcomes["open"] == outcomes["columns"] == "refused", name


def test_every_cut_and_flip_of_a_labelled_capture(write, tmp_path):
    """A small labelled capture cut at every fourth byte, and with every byte set to 255 in turn."""
    blocks = [Block(ethernet(), ["1,a,k=v"], 1), Block(ethernet(), ["2,b", "1,a,k=v"], 2)]
    content = write(blocks).read_bytes()
    paths = []
    for at in range(0, len(content), 4):
        paths += [tmp_path / f"cut-{at}.pcapng", tmp_path / f"flip-{at}.pcapng"]
        paths[-2].write_bytes(content[:at])
        paths[-1].write_bytes(content[:at] + b"\xff" + content[at + 1 :])
    found = read_all(paths, tmp_path / "work")
    assert len(found) == len(paths)
    assert all(set(outcomes.values()) <= {"read", "refused"} for outcomes in found.values()), found


# Where it must not be loaded


def test_a_subinterpreter_is_refused():
    """With an ImportError: it is not supported there, and must not crash."""
    script = """
import sys
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
other = interpreters.create()
code = '''
try:
    import pcapml
    print("imported")
except ImportError as error:
    print("ImportError", error)
'''
interpreters.run_string(other, code)
interpreters.destroy(other)
import pcapml
print("main", pcapml.__version__)
"""
    lines = support.run_ok(script).splitlines()
    assert lines[0].startswith("ImportError"), lines
    assert lines[-1].startswith("main")


def test_a_free_threaded_python_takes_no_wheel_of_ours():
    """The stable interface does not exist there: pip finds no wheel that fits, and builds none."""
    try:
        tags = importlib.metadata.distribution("pcapml").read_text("WHEEL") or ""
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the package is not installed, but imported from its source")
    assert "abi3" in tags
    assert "cp313t" not in tags


def test_the_package_needs_nothing(write):
    """Without NumPy, pandas, Polars and pyarrow: packets can be read, and columns say what is missing."""
    script = """
import sys
for name in ("numpy", "pandas", "polars", "pyarrow"):
    sys.modules[name] = None
import pcapml
for sample in pcapml.open(sys.argv[1]):
    packets = [(packet.ts_ns, packet.raw_bytes) for packet in sample.packets]
for extra, use in ("numpy", lambda: sample.timestamps), ("pandas", sample.to_pandas), ("polars", sample.to_polars):
    try:
        use()
    except ImportError as error:
        assert extra in str(error), error
        print(len(packets), extra)
"""
    path = write([Block(ethernet(), ["1,a"])])
    assert support.run_ok(script, path).split() == ["1", "numpy", "1", "pandas", "1", "polars"]


def test_no_process_is_ended_by_a_signal_of_ours():
    """Importing leaves the handlers of Python and of the program alone."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)}
    script = "import signal as s; was = s.getsignal(s.SIGTERM); import pcapml; assert s.getsignal(s.SIGTERM) == was"
    support.run_ok(script)
    assert {number: signal.getsignal(number) for number in before} == before


def labelled_by(first):
    """Ten packets that take turns between two samples; packets of sample 0 are zeros."""
    order = [(first + at) % 2 for at in range(10)]
    return [Block(bytes([one]) * 60, [f"{one},{'ab'[one]}"], at) for at, one in enumerate(order)]


def test_a_file_that_changes_after_it_was_indexed(write):
    """The places of the old file are those of other samples' packets in the new one."""
    path = write(labelled_by(0))
    dataset = pcapml.open(path)
    assert dataset[0].packets[0].raw_bytes[0] == 0
    assert write(labelled_by(1)) == path
    for read in (lambda: dataset[0], lambda: list(iter(dataset)), lambda: dataset.packets().to_arrow()):
        with pytest.raises(pcapml.Error, match="has changed") as raised:
            read()
        assert raised.value.path == str(path)
    assert pcapml.open(path)[0].packets[0].raw_bytes[0] == 0


def test_an_id_of_two_labels_in_a_sorted_file(write):
    """Sorting it again, as it said, would not help."""
    path = write([Block(b"x", ["1,a"]), Block(b"x", ["1,b"]), Block(b"x", ["2,c"])], order="id")
    with pytest.raises(pcapml.Error, match="sample 1 is both 'a' and 'b'.*relabel"):
        list(iter(pcapml.open(path)))


@pytest.mark.parametrize("read", ["to_arrow", "to_pandas", "to_polars", "__iter__"])
def test_rows_of_a_faulty_file_raise_our_error(apps, tmp_path, read):
    path = tmp_path / "cut.pcapng"
    path.write_bytes(apps.read_bytes()[:100_001])
    with pytest.raises(pcapml.Error) as raised:
        list(getattr(pcapml.open(path).packets(), read)())
    assert raised.value.path == str(path)
    assert raised.value.position.startswith("block")
    with pytest.raises(pcapml.Error) as raised:
        pcapml.read_pcapml(path)
    assert raised.value.path == str(path)


def test_all_that_can_be_read_comes_before_the_fault(apps, tmp_path):
    """Also what does not fill a batch."""
    path = tmp_path / "cut.pcapng"
    path.write_bytes(apps.read_bytes()[:100_001])
    samples, packets, rows = [], [], []
    with pytest.raises(pcapml.Error) as raised:
        samples.extend(iter(pcapml.open(path)))
    whole = sum(map(len, samples))
    with pytest.raises(pcapml.Error):
        packets.extend(pcapml.iter_packets(path))
    with pytest.raises(pcapml.Error):
        rows.extend(pcapml.open(path).packets())
    # Blocks before the faulty one: the section, its interfaces, and packets.
    block = int(raised.value.position.split()[1])
    interfaces = len({packet.interface_id for packet in packets})
    assert len(packets) == whole == sum(batch.num_rows for batch in rows) > 0
    assert block > whole + interfaces


def test_an_unlabelled_capture_says_so(write):
    path = write([Block(b"x"), Block(b"y")])
    with pytest.warns(UserWarning, match="no packet carries a label"):
        assert not list(iter(pcapml.open(path)))
    with pytest.warns(UserWarning, match="no packet carries a label"):
        assert len(pcapml.open(path)) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not list(iter(pcapml.open(path, labels="dns")))
        assert not list(iter(pcapml.open(write([], name="empty.pcapng"))))


def test_ids_that_no_sample_has_are_told_once(write, tmp_path):
    path = write([Block(b"x", ["1,a"]), Block(b"x", ["2,b"])])
    (tmp_path / "ids").write_text("2\n7\n8\n9\n10\n")
    told = "no sample has the ids 7, 8, 9 and 1 more"
    for read in (lambda chosen: list(iter(chosen)), len, lambda chosen: chosen.flows().to_arrow()):
        with pytest.warns(UserWarning, match=told) as warned:
            chosen = pcapml.open(path, ids=tmp_path / "ids")
            read(chosen)
            assert [sample.sid for sample in chosen] == [2]
        assert len(warned) == 1
    with pytest.warns(UserWarning, match="no sample has the id 3$"):
        assert len(pcapml.open(path).select([1, 3])) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(pcapml.open(path, ids=[1, 2])) == 2
        # A sample that is left out for another reason is not missing.
        assert len(pcapml.open(path, ids=[1, 2], labels="a")) == 1
        assert len(pcapml.open(path, ids=[1, 2], where=lambda sample: sample.label == "a")) == 1


def test_a_place_is_no_id(write):
    dataset = pcapml.open(write([Block(b"x", ["1,a"])]))
    for wrong in (0, -1, 2**64):
        with pytest.raises(KeyError, match=rf"no sample has the id {wrong}: .*sample_ids.*next\(iter"):
            dataset[wrong]
    with pytest.raises(TypeError, match="takes the id of a sample, a whole number, not 'a'"):
        dataset["a"]


def test_more_captures_than_may_be_open(write):
    """Samples and rows of a directory of captures; the system lets a process have so many open files."""
    path = write([Block(b"x", ["1,a"]), Block(b"x")])
    script = """
import resource, sys, pcapml
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
paths = [sys.argv[1]] * 100
print(len(pcapml.read_pcapml(paths)), len(pcapml.open(paths)[1]), pcapml.open(paths).unlabelled)
"""
    assert support.run_ok(script, path).split() == ["200", "100", "100"]


def test_two_captures_with_interfaces_of_their_own(write):
    """What one file says of its interface 0 is not true of the other's."""
    paths = [
        write([Block(ethernet(), ["1,a"], 1_700_000_000_000_000)], name="one.pcapng"),
        write([Block(support.ipv4(), ["2,b"], NOON)], interfaces=[(support.RAW, 9)], name="two.pcapng"),
    ]
    one, two = pcapml.open(paths)
    assert (one.packets[0].ts_ns, one.packets[0].link_type) == (1_700_000_000_000_000_000, support.ETHERNET)
    assert (two.packets[0].ts_ns, two.packets[0].link_type) == (NOON, support.RAW)


def test_fields_that_are_called_like_columns(write):
    path = write([Block(ethernet(), ["1,a,packets=x,sample_packets=y"])])
    names = pcapml.open(path).samples.to_arrow().column_names
    assert names[:4] == ["sample_id", "label", "sample_sample_packets", "sample_packets"]
    assert len(set(names)) == len(names)


def test_a_warning_names_the_line_that_led_to_it(write):
    path = write([Block(b"x")])
    uses = (
        lambda: len(pcapml.open(path)),
        lambda: next(iter(pcapml.open(path)), None),
        lambda: pcapml.open(path).labels,
        lambda: pcapml.open(path, ids=[7]).flows(),
    )
    for use in uses:
        with pytest.warns(UserWarning) as warned:
            use()
        assert {one.filename for one in warned} == {__file__}
