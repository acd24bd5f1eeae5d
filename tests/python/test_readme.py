"""The README's Python examples run, one after the other as they stand, on the dataset that they are about."""

import re
import subprocess
import sys

import pcapml
import pytest
import support


def blocks(text):
    """The fenced blocks of the section Python: their language and content."""
    section = re.split(r"^## Python\b.*$", text, maxsplit=1, flags=re.MULTILINE)
    if len(section) == 1:
        return []
    section = re.split(r"^## ", section[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


README = blocks((support.ROOT / "README.md").read_text())


def program(text):
    """What is typed, and what shall be printed: of a console of Python, the lines after `>>>` and the others."""
    if not text.lstrip().startswith(">>>"):
        return text, None
    typed = [line[4:] for line in text.splitlines() if line.startswith((">>>", "..."))]
    return "\n".join(typed), [line for line in text.splitlines() if not line.startswith((">>>", "..."))]


def test_there_are_examples():
    assert any(language in ("python", "pycon") for language, _ in README)


def run(text, directory, executable=sys.executable, **more):
    typed, _ = program(text)
    done = support.python(typed, executable=executable, cwd=directory, **more)
    assert done.returncode == 0, f"{typed}\n{done.stderr}"


@pytest.fixture
def directory(apps, tmp_path):
    """Where the walkthrough of the README stands when it comes to Python."""
    (tmp_path / "apps.pcapng").write_bytes(apps.read_bytes())
    (tmp_path / "datasets").symlink_to(support.ROOT / "datasets")
    return tmp_path


def examples(with_torch):
    return [text for language, text in README if language in ("python", "pycon") and ("torch" in text) == with_torch]


def test_the_examples_run(directory):
    """In one directory, so that a later one may use what an earlier one made."""
    for text in examples(with_torch=False):
        run(text, directory)


def test_the_examples_with_torch_run(torch_python, directory):
    for text in examples(with_torch=True):
        run(text, directory, **torch_python)


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", pcapml.__version__)
    run = subprocess.run(
        [sys.executable, "-c", "import pcapml; print(pcapml.__version__)"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == pcapml.__version__
