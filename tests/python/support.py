"""What the tests share: the command, captures built block by block, and what tshark says of a capture."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "datasets" / "apps"
ETHERNET, RAW, LINUX_SLL = 1, 101, 113


# The command


def pcapml_command():
    """The command that the wheel installed, or the one that PCAPML_BINARY names."""
    beside = Path(sys.executable).with_name("pcapml")
    return os.environ.get("PCAPML_BINARY") or str(beside)


def pcapml(*arguments, cwd=None, status=0):
    """Runs the command and returns its standard output."""
    run = subprocess.run([pcapml_command(), *map(str, arguments)], cwd=cwd, capture_output=True, check=False)
    assert run.returncode == status, run.stderr.decode(errors="replace")
    return run.stdout


def python(script, *arguments, executable=sys.executable, timeout=60, **more):
    """Runs a Python script, given as text, in a process of its own."""
    return subprocess.run(
        [executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **more,
    )


def run_ok(script, *arguments, **more):
    """Its standard output; it must succeed."""
    run = python(script, *arguments, **more)
    assert run.returncode == 0, run.stderr
    return run.stdout


# The judges


@dataclass(frozen=True)
class Seen:
    """A packet as tshark prints it."""

    time_epoch: str
    length: int
    captured_length: int
    comment: str
    interface: int
    md5: str

    @property
    def ts_ns(self):
        """The printed time as nanoseconds: it has nine decimals."""
        seconds, _, nanoseconds = self.time_epoch.partition(".")
        return int(seconds) * 10**9 + int(nanoseconds.ljust(9, "0"))


FIELDS = ["frame.time_epoch", "frame.len", "frame.cap_len", "frame.comment", "frame.interface_id", "frame.md5_hash"]


def tshark(path):
    """Every packet of a capture, as tshark sees it."""
    wanted = [part for name in FIELDS for part in ("-e", name)]
    options = ["-o", "frame.generate_md5_hash:TRUE", "-T", "fields", "-E", "separator=/t"]
    run = subprocess.run(["tshark", "-r", path, *options, *wanted], capture_output=True, text=True, check=True)
    return [seen(line) for line in run.stdout.splitlines()]


def seen(line):
    time_epoch, length, captured, comment, interface, md5 = line.split("\t")
    return Seen(time_epoch, int(length), int(captured), comment, int(interface or 0), md5)


def need(program):
    """Skips the test where a program is missing."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


def md5(data):
    return hashlib.md5(data).hexdigest()


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


# Captures, block by block


@dataclass
class Block:
    """A packet to be written: `time` is in units of the interface, None makes it a simple packet block."""

    data: bytes
    comments: list = field(default_factory=list)
    time: int | None = 0
    interface: int = 0
    length: int | None = None


def capture(packets, interfaces=((ETHERNET, 6),), order=None):
    """A pcapng file as bytes; an interface is a link type and if_tsresol."""
    comment = [option(1, f'pcapml: {{"format":1,"order":"{order}"}}'.encode())] if order else []
    content = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), comment)
    for link_type, resolution in interfaces:
        content += block(1, struct.pack("<HHI", link_type, 0, 0), [option(9, bytes([resolution]))])
    return content + b"".join(map(packet_block, packets))


def packet_block(packet):
    length = len(packet.data) if packet.length is None else packet.length
    if packet.time is None:
        return block(3, struct.pack("<I", length) + padded(packet.data), [])
    high, low = divmod(packet.time, 2**32)
    head = struct.pack("<5I", packet.interface, high, low, len(packet.data), length)
    return block(6, head + padded(packet.data), [option(1, text.encode()) for text in packet.comments])


def block(kind, body, options):
    body += b"".join(options) + (b"\0\0\0\0" if options else b"")
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def option(code, value):
    return struct.pack("<HH", code, len(value)) + padded(value)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def ipv4(protocol=17, source="10.0.0.1", destination="10.0.0.2", ports=(1000, 53), payload=b""):
    """An IPv4 packet without an Ethernet header; its checksums are left out."""
    transport = struct.pack(">HH", *ports)
    transport += struct.pack(">HH", 8 + len(payload), 0) if protocol == 17 else b"\0" * 8 + b"\x50\0" + b"\0" * 6
    size = 20 + len(transport) + len(payload)
    addresses = bytes(map(int, f"{source}.{destination}".split(".")))
    return struct.pack(">BBHIBBH", 0x45, 0, size, 0, 64, protocol, 0) + addresses + transport + payload


def ethernet(of=None):
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + (of or ipv4())
