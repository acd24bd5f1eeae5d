"""The module that the example of pypcapml imports: :func:`pcapml.sampler` under its old name."""

from pcapml import Error, sampler

__all__ = ["Error", "sampler"]
