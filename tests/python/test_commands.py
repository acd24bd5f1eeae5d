"""Every command as a function: the same names and options, and the same bytes as the command line writes."""

import inspect
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pcapml
import pytest
import support
from pcapml import _native
from pcapml._commands import FUNCTIONS
from support import APPS

COMMANDS = [
    "label",
    "relabel",
    "sort",
    "split",
    "strip",
    "samples",
    "summary",
    "select",
    "cat",
    "convert",
    "flows",
    "features",
]


@pytest.fixture
def tables(tmp_path, apps, samples_csv):
    """Tables and captures that the commands need."""
    support.pcapml("strip", apps, "-o", tmp_path / "unlabelled.pcap")
    (tmp_path / "hosts.csv").write_text("host,label\n10.77.0.2,laptop\nfd77::/64,v6\n")
    (tmp_path / "map.csv").write_text("old,new\nntp,time\n")
    (tmp_path / "ids.txt").write_text("".join(f"{sid}\n" for sid in sorted(samples_csv)[:7]))
    return tmp_path


PCAPS, LABELS = str(APPS / "pcaps"), str(APPS / "labels.csv")
# The command, its arguments, the keywords of the function, and the output's name; CAPTURE is the labelled capture.
CASES = [
    ("label", [PCAPS], {"labels": LABELS}, "out.pcapng"),
    (
        "label",
        [PCAPS],
        {"labels": LABELS, "ids": "sequential", "namespace": "ours", "per_linktype": True},
        "out.pcapng",
    ),
    ("label", [PCAPS], {"by": "flow", "idle_timeout": "60"}, "out.pcapng"),
    ("label", ["unlabelled.pcap"], {"by": ["host", "hosts.csv"]}, "out.pcapng"),
    (
        "label",
        ["unlabelled.pcap"],
        {"labels": str(APPS / "rules.csv"), "match": "unique", "source": True},
        "out.pcapng",
    ),
    ("relabel", ["CAPTURE"], {"map": "map.csv"}, "out.pcapng"),
    ("sort", ["CAPTURE"], {}, "out.pcapng"),
    ("sort", ["CAPTURE"], {"by": "time", "memory": "16M"}, "out.pcapng.zst"),
    ("split", ["CAPTURE"], {}, "out"),
    ("strip", ["CAPTURE"], {"to": "pcap"}, "out.pcap"),
    ("select", ["CAPTURE"], {"ids": "ids.txt"}, "out.pcapng"),
    ("select", ["CAPTURE"], {"label": ["dns", "ntp"], "where": ["ip=6"]}, "out.pcapng"),
    ("cat", ["CAPTURE"], {}, "out.pcapng.gz"),
    ("convert", ["CAPTURE"], {"to": "pcapng"}, "out.pcapng"),
    ("flows", ["CAPTURE"], {}, "out.csv"),
    ("features", ["CAPTURE"], {"set": "cic,splt:5", "undefined": "0"}, "out.csv"),
    ("features", ["CAPTURE"], {"set": "bytes:64", "to": "npy"}, "out.npy"),
]


def command_line(name, arguments, keywords):
    """The arguments that keywords stand for."""
    line = [name, *arguments]
    for keyword, value in keywords.items():
        option = "--" + keyword.replace("_", "-")
        if keyword == "by" and isinstance(value, list):
            line += [option, *value]
            continue
        for one in value if isinstance(value, list) else [value]:
            line += [option] if one is True else [option, one]
    return line


def digests(path):
    """What is in a file or directory."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {file.relative_to(path): support.digest(file) for file in files if file.is_file()}


@pytest.mark.parametrize(("name", "arguments", "keywords", "output"), CASES)
def test_the_function_writes_what_the_command_writes(tables, apps, monkeypatch, name, arguments, keywords, output):
    monkeypatch.chdir(tables)
    arguments = [str(apps) if argument == "CAPTURE" else argument for argument in arguments]
    (tables / "command").mkdir()
    (tables / "function").mkdir()
    support.pcapml(*command_line(name, arguments, keywords), "-o", f"command/{output}", cwd=tables)
    getattr(pcapml, name)(*arguments, **keywords, output=f"function/{output}")
    wanted = digests(tables / "command")
    assert wanted
    assert digests(tables / "function") == wanted


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_a_documented_function(name):
    function = getattr(pcapml, name)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_documentation_is_the_commands_own(name):
    """It begins with what the command does, then tells of every parameter what it may be and what it does."""
    text = inspect.getdoc(FUNCTIONS[name])
    about, _, rest = text.partition("\n\n")
    help_text = support.pcapml(*words_of(name).split(), "--help").decode()
    assert about.split() == (help_text.partition("\n\n")[0] + ".").split()
    assert all(len(line) <= 75 for line in text.splitlines() if line.startswith("    "))
    told = dict(re.findall(r"^(\w+) : (.+)\n(?=    \S)", rest, re.MULTILINE))
    assert list(told) == [*(option["name"].replace("-", "_") for option in _native.options()[words_of(name)]), "progress"]
    assert set(told) == set(inspect.signature(FUNCTIONS[name]).parameters)
    assert {option.replace("-", "_") for option in long_options(name)} <= set(told)
    for section in ("Returns\n-------\nDone", "Raises\n------\nError", "Warns\n-----\nFaulty"):
        assert section in text
    assert "standard output" not in text, "there is none for a function"


def test_the_documentation_tells_types():
    text = pcapml.label.__doc__
    for line in (
        "input : path",
        "output : path, optional",
        'ids : {"hash", "sequential"}, default "hash"',
        "by : str, or a list of them, optional",
        "force : bool, default False",
        'stats : {"table", "csv", "json"} or True, optional',
        "idle_timeout : seconds or str, optional",
        "threads : int, optional",
    ):
        assert f"\n{line}\n" in text
    assert "\nwhere : dict or str, or a list of them, optional\n" in pcapml.select.__doc__
    assert "\noutput : path\n" in pcapml.sort.__doc__
    assert "\nmemory : bytes or str, default 512M\n" in pcapml.sort.__doc__


@pytest.mark.parametrize("name", COMMANDS)
def test_each_takes_every_option_of_the_command(name):
    accepted = inspect.signature(getattr(pcapml, name)).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in accepted.values()):
        # `samples` is two things: what it passes on to the command is tested below.
        assert name == "samples"
        return
    for option in long_options(name):
        assert option.replace("-", "_") in accepted or option.replace("-", "_") + "_" in accepted, option


def words_of(name):
    """The words of the command that a function is: `export huggingface` is `export_huggingface`."""
    return next(words for words in _native.options() if words.replace("-", "_").replace(" ", "_") == name)


def long_options(name):
    """The long options that the command's help names."""
    help_text = support.pcapml(*words_of(name).split(), "--help").decode()
    found = set(re.findall(r"^ +(?:-\w, )?--([a-z][a-z-]*)(?![\w,])", help_text, re.MULTILINE))
    return sorted(found - {"help", "quiet"})


def test_what_would_be_printed_needs_a_file(apps, tmp_path):
    with pytest.raises(ValueError, match="standard output"):
        pcapml.dissect(apps)
    pcapml.dissect(apps, tmp_path / "said.jsonl", only="conn", quiet=True)
    assert (tmp_path / "said.jsonl").read_text().count("\n") > 90
    assert "conn" in pcapml.dissect(list=True).text


def test_paths_may_be_path_objects(apps, tmp_path):
    pcapml.label(APPS / "pcaps", labels=APPS / "labels.csv", output=tmp_path / "out.pcapng")
    assert support.digest(tmp_path / "out.pcapng") == support.digest(apps)


def test_tables_are_what_the_command_prints(apps):
    for name in ("samples", "summary"):
        for form in ("csv", "json", "table"):
            done = getattr(pcapml, name)(apps, format=form)
            assert (done.status, done.output) == (0, support.pcapml(name, apps, "--format", form))


@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("features", {"set": "cic", "output": "-"}),
        ("flows", {"output": Path("-")}),
        ("flows", {"output": "flows.csv", "packets": "-"}),
        ("sort", {"output": b"-"}),
        ("convert", {"out_file": "-"}),
    ],
)
def test_standard_output_is_not_written(apps, capfd, tmp_path, monkeypatch, name, keywords):
    """It is that of the program that calls, and a notebook would lose it. What to do instead is told."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r'="-" would be .* name a file .*\.flows\(\)'):
        getattr(pcapml, name)(apps, **keywords)
    assert capfd.readouterr().out == ""
    assert not list(tmp_path.iterdir())


def test_a_command_in_another_thread(apps, tmp_path):
    """Where Python delivers no signals."""
    thread = threading.Thread(target=pcapml.sort, args=(apps,), kwargs={"output": tmp_path / "out.pcapng"})
    thread.start()
    thread.join()
    assert (tmp_path / "out.pcapng").exists()


def test_an_unknown_option_is_a_type_error(apps, tmp_path):
    with pytest.raises(TypeError):
        pcapml.sort(apps, output=tmp_path / "out.pcapng", no_such_option=True)


def test_a_command_that_fails_raises(tmp_path):
    with pytest.raises(pcapml.Error) as raised:
        pcapml.sort(tmp_path / "missing.pcapng", output=tmp_path / "out.pcapng")
    assert "missing.pcapng" in str(raised.value)
    assert not (tmp_path / "out.pcapng").exists()


def test_what_exists_is_kept_without_force(apps, tmp_path):
    path = tmp_path / "out.pcapng"
    path.write_text("precious")
    with pytest.raises(pcapml.Error):
        pcapml.sort(apps, output=path)
    assert path.read_text() == "precious"
    pcapml.sort(apps, output=path, force=True)
    assert path.read_bytes() != b"precious"


def test_the_command_of_the_wheel():
    assert pcapml.__version__ in support.pcapml("--version").decode()
    run = subprocess.run([support.pcapml_command(), "nonsense"], capture_output=True, check=False)
    assert run.returncode == 1


def test_the_command_of_the_wheel_ends_with_a_closed_pipe(apps):
    run = subprocess.run(
        f"'{support.pcapml_command()}' samples '{apps}' | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("sample_id")


# Progress and interruption


def test_progress(apps, tmp_path):
    calls = []
    pcapml.sort(apps, output=tmp_path / "out.pcapng", progress=lambda *told: calls.append(told))
    assert calls
    packets, byte_count, total = zip(*calls, strict=True)
    assert list(packets) == sorted(packets)
    assert list(byte_count) == sorted(byte_count)
    assert all(one is None or one > 0 for one in total)


def test_an_exception_of_the_callback_stops_the_command(apps, tmp_path):
    def stop(*_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        pcapml.sort(apps, output=tmp_path / "out.pcapng", progress=stop)
    assert not list(tmp_path.iterdir())


# Says when it begins, then works for long: only a signal ends it in time.
LONG = """
import sys, pcapml
source, output = sys.argv[1:]
print("ready", flush=True)
try:
    while True:
        {work}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
WORKS = {
    "command": "pcapml.features([source] * 200, set='cic,splt:50,entropy,nfstream', output=output, force=True)",
    "iteration": "[sample.sid for sample in pcapml.open(source)]",
    "length": "len(pcapml.open(source))",
    "no rows": "pcapml.open([source] * 20, labels='no such label').packets().to_arrow()",
    "rows in passing": "pcapml.open(source, labels='no such label').packets().to_arrow()",
}


@pytest.mark.parametrize("work", WORKS)
def test_control_c(labelled, tmp_path, work):
    script = LONG.format(work=WORKS[work])
    process = subprocess.Popen(
        [sys.executable, "-c", script, labelled, tmp_path / "out.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    stdout, stderr = process.communicate(timeout=20)
    assert stdout == "interrupted\n", stderr
    assert process.returncode == 0
    assert time.monotonic() - sent < 5
    assert not list(tmp_path.glob(".*partial*")), "what was begun is taken away"


def test_control_c_of_the_command_of_the_wheel(labelled, tmp_path):
    arguments = ["features", *[labelled] * 200, "--set", "cic,splt:50,entropy,nfstream", "-o", tmp_path / "out.csv"]
    process = subprocess.Popen([support.pcapml_command(), *arguments], stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT)
    assert not list(tmp_path.iterdir())


def test_other_threads_run_while_a_command_works(apps, tmp_path):
    """The lock is released: a thread counts on while the labelling runs."""
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    began = counted[0]
    started = time.monotonic()
    for number in range(5):
        pcapml.features(apps, set="cic,nfstream,splt:50", output=tmp_path / f"{number}.csv")
    took = time.monotonic() - started
    done.set()
    thread.join()
    assert counted[0] - began > took / 0.0005 / 20


def test_arguments_that_no_command_line_has(apps, tmp_path):
    """They would be taken apart: a file into its lines, a list into options."""
    with apps.open("rb") as file, pytest.raises(TypeError, match="paths"):
        pcapml.sort(file, tmp_path / "out.pcapng")
    with pytest.raises(TypeError, match="ids takes one value"):
        pcapml.select(apps, tmp_path / "out.pcapng", ids=[1, 2])
