"""The module that scripts written for `pcapml_fe` import: :func:`pcapml.sampler` under its old name."""

from pcapml import Error, sampler

__all__ = ["Error", "sampler"]
