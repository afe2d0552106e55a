"""Hand-ins that the tests write themselves, and reading them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gradcheck.sources import Source, SourceModule, read_source


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
def source() -> Iterator[Callable[..., Source]]:
    opened: list[Source] = []

    def read(target: str | Path, **options: bool) -> Source:
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
