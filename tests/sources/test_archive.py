"""Archives are unpacked where nothing of theirs can reach anything of ours."""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources import archive as archives
from gradcheck.sources import read_source

FILES = {
    "work/layers.py": "from layer import L\nclass A(L): pass",
    "work/layer.py": "class L: n = 1",
}


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def pack(path: Path, files: Mapping[str, str]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as tape:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tape.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("name", ["work.zip", "work.tar", "work.tar.gz", "work.tgz", "W.ZIP"])
def test_an_archive_is_read_as_a_folder(tmp_path: Path, source, monkeypatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    pack(tmp_path / name.lower(), FILES | {"__MACOSX/work/._layers.py": "\0"}).rename(name)
    read = source(name)
    assert [one.path for one in read.modules] == [f"{name}/work/layer.py", f"{name}/work/layers.py"]
    assert read.modules[1].definitions[0].value.n == 1
    assert read.modules[1].files[0] == f"{name}/work/layers.py"


def test_closing_removes_the_temporary_folder(tmp_path: Path, own_temporary_folder: Path) -> None:
    read = read_source(pack(tmp_path / "work.zip", FILES))
    assert list(own_temporary_folder.iterdir())
    read.close()
    read.close()
    assert not list(own_temporary_folder.iterdir())


@pytest.mark.parametrize(
    "name", ["../out.py", "/out.py", "a/../../out.py", "C:\\out.py", "..\\out.py"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_that_lead_out_are_refused(tmp_path: Path, kind: str, name: str) -> None:
    path = pack(tmp_path / f"work.{kind}", FILES | {name: "class Out: pass"})
    with pytest.raises(SourceError, match=r"refused, for its member .*out\.py' leads out"):
        read_source(path)
    assert not list(tmp_path.rglob("out.py"))


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (tarfile.SYMTYPE, "is a link"),
        (tarfile.LNKTYPE, "is a link"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is a device"),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, type_: bytes, expected: str) -> None:
    path = tmp_path / "work.tar"
    with tarfile.open(path, "w") as tape:
        entry = tarfile.TarInfo("layers.py")
        entry.type, entry.linkname = type_, "/etc/passwd"
        tape.addfile(entry)
    with pytest.raises(SourceError, match=expected):
        read_source(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("layers.py")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(SourceError, match="is a link"):
        read_source(path)


@pytest.mark.parametrize(("limit", "value"), [("MOST_MEMBERS", 1), ("LARGEST", 20)])
def test_too_much_is_refused(tmp_path: Path, monkeypatch, limit: str, value: int) -> None:
    monkeypatch.setattr(archives, limit, value)
    with pytest.raises(SourceError, match="give an archive of the code alone"):
        read_source(pack(tmp_path / "work.zip", FILES))


@pytest.mark.parametrize("name", ["work.zip", "work.tar.gz", "work.tar"])
@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_a_broken_archive_is_an_error_and_leaves_nothing(
    tmp_path: Path, own_temporary_folder: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is None:
        whole = pack(path, {"a.py": "x = 1\n" * 1000}).read_bytes()
        content = whole[: len(whole) // 3]
    path.write_bytes(content)
    with pytest.raises(SourceError, match="the archive cannot be read"):
        read_source(path)
    assert not list(own_temporary_folder.iterdir())


def test_an_archive_without_python_files_leaves_nothing(
    tmp_path: Path, own_temporary_folder: Path
) -> None:
    before = set(sys.modules)
    with pytest.raises(SourceError, match=r"work\.zip: no \.py file"):
        read_source(pack(tmp_path / "work.zip", {"report.pdf": ""}))
    assert not list(own_temporary_folder.iterdir())
    assert set(sys.modules) == before


def test_other_kinds_of_archives_say_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "work.rar").write_bytes(b"Rar!")
    with pytest.raises(SourceError, match=r"give a \.zip or a \.tar\.gz"):
        read_source(tmp_path / "work.rar")


def test_a_missing_archive_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_source(tmp_path / "work.zip")
