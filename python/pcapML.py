"""The module that the walkthrough of pcapml 0.3 imports: :func:`pcapml.sampler` under its old name."""

from pcapml import Error, sampler

__all__ = ["Error", "sampler"]
