"""The command `pcapml` that the package installs: the same program as the one that Cargo builds."""

from __future__ import annotations

import signal
import sys

from . import _native


def main() -> int:
    """Run `pcapml` with this process's arguments; its exit status."""
    # Python's own handler would only run when the command is over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _native.main(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
