"""The samples that a packet belongs to, from its comments (FORMAT.md, section 1).

    id "," label *( "," key "=" value )      with `e=1` last where %XX escapes stand for characters
    s=ID,proc=LABEL,…                        the Go tool's keyed form; label = proc, else dst, else none
    id "," label "," text                    a legacy third field, kept as `p.2`

Any other comment is a person's note.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass
class Sample:
    """A membership: the sample's id, its label, and fields (those of one packet, `p.…`, left out)."""

    id: int
    label: str
    fields: dict = field(default_factory=dict)


def samples_of(comments):
    """The samples named by a packet's comments, each id once, in their order."""
    found = {}
    for comment in comments:
        sample = parse(comment)
        if sample and sample.id not in found:
            found[sample.id] = sample
    return list(found.values())


def parse(comment):
    """The sample that a comment names, or None."""
    parts = comment.split(",")
    if parts[0].startswith("s="):
        return keyed(parts)
    number = sample_id(parts[0])
    if number is None or len(parts) < 2 or not parts[1]:
        return None
    escaped = len(parts) > 2 and parts[-1] == "e=1"
    if escaped:
        parts = parts[:-1]
    text = unquote if escaped else str
    fields = {}
    for part in parts[2:]:
        key, equals, value = part.partition("=")
        if equals and not key.startswith("p."):
            fields[key] = text(value)
    return Sample(number, text(parts[1]), fields)


def keyed(parts):
    fields = dict(part.split("=", 1) for part in parts if "=" in part)
    number = sample_id(fields["s"])
    if number is None:
        return None
    return Sample(number, fields.get("proc") or fields.get("dst") or "")


def sample_id(text):
    """A decimal number of 64 bits, or None."""
    if text.isascii() and text.isdigit() and int(text) < 2**64:
        return int(text)
    return None
