"""Compares `captures.read` with the facts that stand beside the conformance captures.

    python3 check_captures.py $PCAPML_CORPUS/conformance
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

import captures


def facts(folder):
    """One entry for each capture of suite.json and variety.json.gz."""
    entries = json.loads((folder / "suite.json").read_text())
    with gzip.open(folder / "variety.json.gz", "rt") as file:
        return entries + json.load(file)


def told(packet):
    return (packet["ts_ns"], packet["caplen"], packet["origlen"], packet["sha256"], packet.get("comments") or [])


def read(packet):
    digest = hashlib.sha256(packet.data).hexdigest()[:16]
    return (packet.time, len(packet.data), packet.wire_length, digest, packet.comments)


def main():
    folder, packets, wrong = Path(sys.argv[1]), 0, 0
    for entry in facts(folder):
        capture = captures.read(folder / entry["file"])
        want = [told(packet) for packet in entry["packets"]]
        have = [read(packet) for packet in capture.packets]
        packets += len(want)
        if want != have:
            wrong += 1
            pair = next((pair for pair in zip(want, have) if pair[0] != pair[1]), None)
            print(entry["file"], len(want), len(have), capture.fault, pair)
    print(f"{packets} packets, {wrong} captures differ")


if __name__ == "__main__":
    main()
