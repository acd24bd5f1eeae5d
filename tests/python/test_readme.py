"""The README's Python examples run, one after the other as they stand, on the dataset that they are about."""

import re
import subprocess
import sys

import pcapml
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


def test_the_examples_run(apps, tmp_path):
    """In one process and directory, so that a later one may use what an earlier one made."""
    (tmp_path / "apps.pcapng").write_bytes(apps.read_bytes())
    (tmp_path / "datasets").symlink_to(support.ROOT / "datasets")
    for number, (language, text) in enumerate(README):
        if language not in ("python", "pycon"):
            continue
        if "torch" in text and not has_torch():
            continue
        typed, _ = program(text)
        run = subprocess.run([sys.executable, "-c", typed], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"example {number + 1}:\n{typed}\n{run.stderr}"


def has_torch():
    try:
        import torch  # noqa: F401
    except ImportError:
        return False
    return True


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", pcapml.__version__)
    run = subprocess.run(
        [sys.executable, "-c", "import pcapml; print(pcapml.__version__)"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == pcapml.__version__
