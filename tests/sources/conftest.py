"""Hand-ins that the tests write themselves, and reading them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradcheck.sandbox.hand_in import gather
from gradcheck.sources import Source, SourceModule, read_in_memory, read_source
from gradcheck.sources.import_path import is_import_path


@dataclass(frozen=True)
class Limits:
    source_bytes: int = 64 * 2**20
    source_files: int = 2000


def read_from_memory(target: str | Path, limits: Limits = Limits(), **options: bool) -> Source:
    """Read as a worker does, from the bytes that the grader gathered."""
    one = gather(target, limits)
    return read_in_memory(
        one.files,
        one.asked,
        one.shown,
        one.symbol,
        folder=one.folder,
        refused=one.refused,
        **options,
    )


def told(source: Source) -> object:
    """Return all that can be compared of what was read."""
    return (
        source.symbol,
        dict(source.unread),
        [
            (
                one.path,
                [(d.name, d.line, d.place, type(d.value).__name__) for d in one.definitions],
                sorted(name for name in one.namespace if name != "__builtins__"),
                one.notes,
                one.files,
            )
            for one in source.modules
        ],
    )


@pytest.fixture
def memory() -> Callable[..., Source]:
    return read_from_memory


@pytest.fixture
def same() -> Callable[..., None]:
    """Compare what is read on the disk with what is read in memory."""

    def compare(target: str | Path, **options: bool) -> None:
        with contextlib.closing(read_source(target, **options)) as on_disk:
            expected = told(on_disk)
        with contextlib.closing(read_from_memory(target, **options)) as in_memory:
            assert told(in_memory) == expected

    return compare


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "hand_in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "hand_in"

    return write


@pytest.fixture
def source(same) -> Iterator[Callable[..., Source]]:
    """Read from the disk, after a look whether memory gives the same."""
    opened: list[Source] = []

    def read(target: str | Path, **options: bool) -> Source:
        if not is_import_path(str(target).partition(":")[0]) or Path(target).exists():
            same(target, **options)
        opened.append(read_source(target, **options))
        return opened[-1]

    yield read
    for one in opened:
        one.close()


@pytest.fixture
def module(source, hand_in) -> Callable[..., SourceModule]:
    """Write one file, with neighbours, and read it."""

    def read(
        content: str | bytes,
        name: str = "layers.py",
        neighbours: Mapping[str, str | bytes] | None = None,
        **options: bool,
    ) -> SourceModule:
        folder = hand_in({**(neighbours or {}), name: content})
        return source(folder / name, **options).modules[0]

    return read
