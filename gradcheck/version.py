"""The version, read from the installed distribution."""

from __future__ import annotations

from importlib import metadata

try:
    __version__ = metadata.version("gradcheck")
except metadata.PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"
