"""The stubs, as mypy reads them: a program that uses everything passes, and misuse does not."""

import os
import subprocess
import sys

import pcapml
import pytest

GOOD = """
import os
from pathlib import Path
import numpy as np
import numpy.typing as npt
import pcapml
import pcapml_fe

def total(path: Path, name: str | os.PathLike[str]) -> int:
    dataset = pcapml.open(path, ids=[1, 2], labels=["web"], where={"os": "linux"})
    times: npt.NDArray[np.int64]
    count: int = len(dataset)
    for sample in dataset:
        times = sample.timestamps
        identity: int = sample.sample_id + sample.sid
        label: str = sample.label + sample.metadata
        fields: dict[str, str] = sample.fields
        for packet in sample.packets:
            seconds: float = packet.ts
            nanoseconds: int | None = packet.ts_ns
            raw: bytes = packet.raw_bytes
            count += packet.length + packet.link_type + len(packet.comments) + len(raw)
        print(times.sum(), identity, label, fields, seconds, nanoseconds, dataset[identity].packets[0].ts)
    with open(path, "rb") as file:
        count += len(pcapml.open(file))
    return count

def write(path: str) -> None:
    with pcapml.Writer(path) as writer:
        first: int = writer.add_interface(1)
        writer.write(1, b"data", 5, "web", {"os": "linux"}, interface=first)

def commands(path: str) -> None:
    pcapml.label(path, labels="labels.csv", output="out.pcapng", keep_unlabeled=True)
    pcapml.sort(path, output=Path("sorted.pcapng"), memory="64M", progress=lambda packets, size, total: None)
    pcapml.select(path, output="out.pcapng", label=["dns"], force=True)

def failing(path: str) -> str:
    try:
        pcapml.sort(path, output="x")
    except pcapml.Error as error:
        place: str | None = error.position
        return error.message + str(error.path) + str(place)
    version: str = pcapml.__version__
    return version

def frames(path: str) -> None:
    for sample in pcapml_fe.sampler(path):
        print(sample.sid, sample.metadata, sample.packets[0].raw_bytes)
    print(pcapml.read_pcapml(path, include_raw=False).columns, pcapml.parse_comment("1,a"))
"""
WRONG = {
    "no such argument": "pcapml.open('x', idz=[1])",
    "no such attribute": "pcapml.open('x')[1].identity",
    "not a number": "pcapml.open('x')['1']",
    "no such option": "pcapml.sort('x', output='y', no_such=True)",
    "a flag is no text": "n: int = pcapml.open('x')[1].label",
}


def mypy(path, text):
    path.write_text(text)
    # Run elsewhere: what is checked are the installed stubs.
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", path.parent.parent / "mypy", path],
        capture_output=True,
        text=True,
        cwd=path.parent,
        check=False,
    )


def test_a_program_that_uses_everything(tmp_path):
    run = mypy(tmp_path / "good.py", GOOD)
    assert run.returncode == 0, run.stdout


def test_misuse_is_found(tmp_path):
    run = mypy(tmp_path / "wrong.py", "import pcapml\n" + "\n".join(WRONG.values()) + "\n")
    found = {line.split(":")[1] for line in run.stdout.splitlines() if ": error:" in line}
    assert found == {str(number) for number in range(2, 2 + len(WRONG))}, run.stdout


def test_the_package_says_that_it_is_typed():
    assert os.path.exists(os.path.join(os.path.dirname(pcapml.__file__), "py.typed"))


# Names of types, which the stubs alone need; and what Python 3.11 or Rust has under another name.
ONLY_IN_STUBS = [
    r"pcapml\._commands\.(Path|Progress|Values?)",
    r"pcapml\._native\.Option",
    r"pcapml\._native\.Buffer\.__buffer__",
    r"pcapml\._native\.Packet\.(scapy|dpkt)",
]


def test_the_stubs_are_what_is_there(tmp_path):
    """mypy's stubtest compares them with the modules that can be imported."""
    config, allowed = tmp_path / "mypy.ini", tmp_path / "allowed"
    config.write_text("[mypy]\nignore_missing_imports = True\n")
    allowed.write_text("\n".join(ONLY_IN_STUBS))
    command = [sys.executable, "-m", "mypy.stubtest", "pcapml._native", "pcapml._commands", "--ignore-missing-stub"]
    command += ["--ignore-unused-allowlist", "--concise", "--mypy-config-file", config, "--allowlist", allowed]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", [name for name in dir(pcapml) if not name.startswith("_")])
def test_everything_public_is_documented(name):
    thing = getattr(pcapml, name)
    if callable(thing):
        assert thing.__doc__, name
