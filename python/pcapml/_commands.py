"""Every command of `pcapml` as a function: made from the command line's own definition, so that no option is missing.

A function's parameters are the command's arguments and options by their names, with `_` for `-`: first what stands
without a name on the command line, then `labels` (of `label`) and `output`, all others by keyword only.

- `True` gives a flag, or an option without its optional value (`stats=True`); `None` and `False` give nothing.
- A list gives an option several times (`label=["dns", "ntp"]`), or with several values (`by=["host", "hosts.csv"]`).
- `where={"client": "curl"}` is `--where client=curl`.
- `progress` is called as `progress(packets, bytes, total)`, where total is None if it is not known; what it raises
  stops the command, which then leaves no output behind. Ctrl-C does so too.

What comes back is a :class:`Done`. A command that fails raises :class:`pcapml.Error`; one that is done though some input
was bad warns of it with a :class:`Faulty` warning. The GIL is released meanwhile.
"""

from __future__ import annotations

import inspect
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from . import _native
from ._warn import warn

#: An argument as the command line's definition has it.
Option: TypeAlias = Mapping[str, Any]

#: What every command accepts after its own options.
PROGRESS = inspect.Parameter("progress", inspect.Parameter.KEYWORD_ONLY, default=None)

#: Options that may be given without their name, in this order, after what never has one.
UNNAMED = ("labels", "output")

#: What is written to: on the command line `-` is standard output.
OUTPUTS = ("output", "out_file", "packets")

#: The exit status of a command that is done, though some input was bad.
BAD_INPUT = 2


class Faulty(UserWarning):
    """A command is done, but some of its input was bad; the text says what."""


class Done(NamedTuple):
    """What a command that is done leaves behind."""

    #: 0, or 2 if some input was bad.
    status: int
    #: What the command printed: its table.
    output: bytes
    #: What it told: counts, and faults of the input.
    notes: list[str]

    @property
    def text(self) -> str:
        """The output as text."""
        return self.output.decode()


def _function(command: str, about: str, options: Sequence[Option]) -> Callable[..., Done]:
    signature = inspect.Signature(_parameters(options))
    by_name = {_python_name(option): option for option in options}

    def run(*args: Any, **kwargs: Any) -> Done:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{run.__name__}() {error}") from None
        progress = given.pop("progress", None)
        _refuse_standard_output(given, options)
        return _run([*command.split(), *_words(by_name, given)], progress)

    run.__name__ = run.__qualname__ = _function_name(command)
    run.__module__ = __name__
    run.__doc__ = _documentation(command, about, options)
    run.__signature__ = signature  # type: ignore[attr-defined]
    return run


def _function_name(command: str) -> str:
    """`export huggingface` is `export_huggingface`."""
    return command.replace("-", "_").replace(" ", "_")


def _refuse_standard_output(given: Mapping[str, Any], options: Sequence[Option]) -> None:
    prints = {_python_name(option) for option in options if option["prints"] and not given.get("list")}
    for name in OUTPUTS:
        value = given.get(name, "-" if name in prints else None)
        if value is not None and _text(value) == "-":
            raise ValueError(
                f'{name}="-" would be the standard output of the whole process: name a file and read that; rows of '
                "flows and features come without a file from pcapml.open(…).flows() and .features()"
            )


def _run(words: list[str], progress: Callable[..., Any] | None) -> Done:
    done = Done(*_native.run(words, progress))
    if done.status == BAD_INPUT:
        warn("; ".join(done.notes), Faulty)
    return done


def _parameters(options: Sequence[Option]) -> list[inspect.Parameter]:
    positional = [option for option in options if option["positional"]]
    unnamed = [option for name in UNNAMED for option in options if _goes_unnamed(name, option, options)]
    keyword = [option for option in options if option not in positional and option not in unnamed]
    either, by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    return [
        *(_parameter(option, either) for option in _required_first(positional + unnamed)),
        *(_parameter(option, by_name) for option in keyword),
        PROGRESS,
    ]


def _goes_unnamed(name: str, option: Option, options: Sequence[Option]) -> bool:
    """`labels` only where there is no `map` beside it, as there is in `relabel`: nobody could say which is meant."""
    if option["positional"] or option["name"] != name:
        return False
    return name != "labels" or all(other["name"] != "map" for other in options)


def _required_first(options: Sequence[Option]) -> Sequence[Option]:
    return sorted(options, key=lambda option: not option["required"])


def _parameter(option: Option, kind: Any) -> inspect.Parameter:
    if option["required"] and option["positional"]:
        return inspect.Parameter(_python_name(option), kind)
    return inspect.Parameter(_python_name(option), kind, default=False if option["takes"] == "flag" else None)


def _python_name(option: Option) -> str:
    return option["name"].replace("-", "_")


def _words(by_name: Mapping[str, Option], given: Mapping[str, Any]) -> Iterator[str]:
    """The command line: options first, so that no file's name is taken for one."""
    for name, value in given.items():
        if not by_name[name]["positional"]:
            yield from _option(by_name[name], value)
    yield "--"
    for name, option in by_name.items():
        if option["positional"] and given.get(name) is not None:
            yield from (_text(one) for one in _several(given[name]))


def _option(option: Option, value: Any) -> Iterator[str]:
    word = f"--{option['name']}"
    if value is None or value is False:
        return
    if value is True:
        yield word
    elif option["takes"] == "flag":
        raise TypeError(f"{_python_name(option)} is True or False, not {value!r}")
    else:
        values = list(_several(value))
        if option["takes"] == "one" and len(values) > 1:
            raise TypeError(f"{_python_name(option)} takes one value, not {len(values)}")
        yield from (f"{word}={_text(one)}" for one in values)


def _several(value: Any) -> Iterator[Any]:
    if hasattr(value, "read"):
        raise TypeError(f"a command takes paths, not {value!r}")
    if isinstance(value, Mapping):
        for key, wanted in value.items():
            yield from (f"{key}={_text(one)}" for one in _several(wanted))
    elif isinstance(value, (str, bytes, os.PathLike)) or not hasattr(value, "__iter__"):
        yield value
    else:
        yield from value


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, (bytes, os.PathLike)) else str(value)


#: How wide a line of a docstring is: `help()` indents it by four.
WIDTH = 75

#: What a value is, in words.
HOLDS = {
    "path": "path",
    "integer": "int",
    "time": "seconds or str",
    "size": "bytes or str",
    "pair": "dict or str",
    "text": "str",
}

#: What the command line has, and a function has not.
STANDARD_OUTPUT = re.compile("(; |, or )(`-` for|[a-z]+ on) standard output")


def _documentation(command: str, about: str, options: Sequence[Option]) -> str:
    """The docstring, as NumPy's are laid out."""
    lines = [*textwrap.wrap(f"{about}.", WIDTH), ""]
    lines += [f"It is `pcapml {command}`, of which `pcapml {command} --help` tells all.", ""]
    lines += ["Parameters", "----------"]
    for option in options:
        lines += [f"{_python_name(option)} : {_type(option)}", *_indented(STANDARD_OUTPUT.sub("", option["help"]))]
    lines += ["progress : callable, optional"]
    lines += _indented(
        "Called now and then as progress(packets, bytes, total), where total is None if it is not known; what it "
        "raises stops the command"
    )
    lines += ["", "Returns", "-------", "Done", *_indented("What it printed (`text`) and told (`notes`)")]
    lines += ["", "Raises", "------"]
    lines += ["Error", *_indented("If it fails: `path`, `position` and `message` say where and why")]
    lines += ["", "Warns", "-----", "Faulty", *_indented("If it is done, but some input was bad")]
    return "\n".join(lines)


def _type(option: Option) -> str:
    """What may be given, in words: `path`, `bool, default False`, `{"csv", "json"}, optional`."""
    if option["takes"] == "flag":
        return "bool, default False"
    choices = ", ".join(f'"{choice}"' for choice in option["choices"])
    words = f"{{{choices}}}" if choices else HOLDS[option["holds"]]
    if option["takes"] == "many":
        words += ", or a list of them"
    elif option["optional_value"]:
        words += " or True"
    if option["default"] is not None:
        quoted = option["default"] if option["holds"] != "text" else f'"{option["default"]}"'
        return f"{words}, default {quoted}"
    return words if option["required"] else f"{words}, optional"


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}" for line in textwrap.wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False))


#: Commands that are about the command line itself.
NOT_FUNCTIONS = ("completions", "help")

#: Each command's function, by its name in Python.
_about = _native.about()
FUNCTIONS = {
    _function_name(command): _function(command, _about[command], options)
    for command, options in _native.options().items()
    if command not in NOT_FUNCTIONS
}

globals().update(FUNCTIONS)

#: These are more than the command in `pcapml`; see `_frames` and `_huggingface`.
HIDDEN = ("samples", "export_huggingface")

__all__ = ["Done", "Faulty"]
__all__ += [name for name in FUNCTIONS if name not in HIDDEN]
