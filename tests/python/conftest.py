"""The captures that the tests read, made once: the corpus and our own dataset, labelled by the command."""

import os
import shutil
from pathlib import Path

import pytest
import support


@pytest.fixture(scope="session")
def corpus():
    """The captures that are not ours."""
    named = os.environ.get("PCAPML_CORPUS")
    if not named:
        pytest.skip("PCAPML_CORPUS is not set")
    path = Path(named)
    return path if path.is_absolute() else (support.ROOT / path).resolve()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def apps(made):
    """Our own dataset, labelled: 3105 packets of 90 samples, contiguous."""
    path = made / "apps.pcapng"
    support.pcapml("label", support.APPS / "pcaps", "--labels", support.APPS / "labels.csv", "-o", path)
    return path


@pytest.fixture(scope="session")
def apps_by_time(apps, made):
    """The same by time: its samples are not contiguous, and it says so."""
    path = made / "by-time.pcapng"
    support.pcapml("sort", apps, "--by", "time", "-o", path)
    return path


@pytest.fixture(scope="session")
def labelled(corpus, made):
    """The corpus, labelled: several link types, resolutions and interfaces."""
    path, root = made / "labelled.pcapng", corpus / "labelled"
    support.pcapml("label", root / "pcaps", "--labels", root / "labels.csv", "-o", path)
    return path


@pytest.fixture(scope="session")
def labelled_seen(labelled):
    """What tshark says of it."""
    support.need("tshark")
    return support.tshark(labelled)


@pytest.fixture(scope="session")
def samples_csv(apps):
    """The rows of `pcapml samples` about our dataset, by sample id."""
    import csv

    text = support.pcapml("samples", apps, "--format", "csv").decode()
    return {int(row["sample_id"]): row for row in csv.DictReader(text.splitlines())}


@pytest.fixture
def write(tmp_path):
    """Writes a capture of packets given as blocks."""

    def write(packets, *arguments, name="made.pcapng", **more):
        path = tmp_path / name
        path.write_bytes(support.capture(packets, *arguments, **more))
        return path

    return write


# An older Python than ours cannot load the package.
HAS_TORCH = "import sys, torch, numpy; assert sys.version_info >= (3, 11)"


@pytest.fixture(scope="session")
def torch_python(tmp_path_factory):
    """A Python that has PyTorch and sees this package: the one that PCAPML_TORCH_PYTHON names; else this one, or the
    system's."""
    import sys

    import pcapml

    # Only our packages: a foreign Python has a NumPy of its own.
    packages = tmp_path_factory.mktemp("packages")
    for found in Path(pcapml.__file__).parent.parent.glob("pcap*"):
        (packages / found.name).symlink_to(found)
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    if named := os.environ.get("PCAPML_TORCH_PYTHON"):
        # Who names one wants these tests to run.
        support.run_ok(HAS_TORCH, executable=named)
        return {"executable": named, "env": environment}
    for candidate in (sys.executable, "/usr/bin/python3"):
        if shutil.which(candidate) and not support.python(HAS_TORCH, executable=candidate).returncode:
            return {"executable": candidate, "env": environment}
    pytest.skip("no Python here has PyTorch (apt-get install python3-torch, or PCAPML_TORCH_PYTHON)")
