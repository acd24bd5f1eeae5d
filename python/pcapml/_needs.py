"""Libraries that are not required: loaded when first needed, and asked for by name where they are missing."""

from __future__ import annotations

import importlib
from typing import Any

#: Which extra of the package brings a library.
EXTRAS = {
    "numpy": "numpy",
    "pandas": "pandas",
    "pyarrow": "pandas",
    "polars": "polars",
    "torch": "torch",
    "sklearn": "sklearn",
}


def need(library: str) -> Any:
    """Import `library`; if it is missing, say which extra of pcapml (or which package) brings it."""
    try:
        return importlib.import_module(library)
    except ModuleNotFoundError as error:
        top = library.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != top:
            raise
        wanted = f"pcapml[{EXTRAS[top]}]" if top in EXTRAS else top
        raise ImportError(f"{top} is needed for this: pip install '{wanted}'", name=top) from error
