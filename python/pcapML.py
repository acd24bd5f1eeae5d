"""The module that the walkthrough of pcapml 0.3 imports: :func:`pcapml.sampler` under its old name."""

from pcapml import Error, sampler

#: The name in its first version.
raw_sampler = sampler

__all__ = ["Error", "raw_sampler", "sampler"]
