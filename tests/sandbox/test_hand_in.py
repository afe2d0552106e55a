"""The bytes of a hand-in: nothing blocks, nothing is endless, nothing leads out."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradcheck.errors import SourceError, UsageError
from gradcheck.sandbox.hand_in import HandIn, gather

MIB = 2**20
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Limits:
    source_bytes: int = MIB
    source_files: int = 16


LIMITS = Limits()


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    def write(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "course" / "hand_in"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


def names(one: HandIn) -> list[str]:
    return sorted(Path(key).name for key in one.files)


def refused(one: HandIn) -> dict[str, str]:
    return {Path(key).name: why.partition(": ")[2] for key, why in one.refused.items()}


def outside(tmp_path: Path, content: str = "secret = 1\n") -> Path:
    path = tmp_path / "elsewhere" / "secret.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def test_a_file_is_its_bytes(hand_in) -> None:
    path = hand_in({"layers.py": b"class A: 'caf\xe9'\r\n"}) / "layers.py"
    one = gather(path, LIMITS)
    assert list(one.files.values()) == [b"class A: 'caf\xe9'\r\n"]
    assert one.asked == tuple(one.files)
    assert (one.shown, one.symbol, one.folder, one.refused) == (str(path), None, None, {})


def test_a_symbol_is_kept_apart(hand_in) -> None:
    path = hand_in({"layers.py": "class A: pass"}) / "layers.py"
    one = gather(f"{path}:A", LIMITS)
    assert (one.shown, one.symbol) == (str(path), "A")


def test_a_folder_gives_its_files_in_order(hand_in) -> None:
    folder = hand_in(
        {"b.py": "", "a/c.py": "", "a/d.ipynb": "{}", "e.txt": "", "test_f.py": "", ".g.py": ""}
    )
    one = gather(folder, LIMITS)
    assert [os.path.relpath(key, one.folder) for key in one.asked] == [
        "a/c.py",
        "a/d.ipynb",
        "b.py",
    ]
    assert names(one) == ["b.py", "c.py", "d.ipynb"]


def test_a_folder_goes_with_its_own_name_and_nothing_beside_it(hand_in) -> None:
    above = hand_in({"mine/a.py": "from mine.b import f\nimport c", "mine/b.py": "", "c.py": ""})
    one = gather(above / "mine", LIMITS, within=above / "mine")
    assert (set(one.files), one.folder) == ({"mine/a.py", "mine/b.py"}, "mine")
    assert one.asked == ("mine/a.py", "mine/b.py")


# What is no regular file


@pytest.mark.parametrize("alone", [True, False])
def test_a_named_pipe_does_not_block(hand_in, alone: bool) -> None:
    folder = hand_in({"a.py": "class A: pass"})
    os.mkfifo(folder / "pipe.py")
    begun = time.monotonic()
    if alone:
        with pytest.raises(SourceError, match=r"pipe\.py: not a regular file; give a \.py file"):
            gather(folder / "pipe.py", LIMITS)
    else:
        one = gather(folder, LIMITS)
        assert names(one) == ["a.py"]
        assert refused(one)["pipe.py"].startswith("not a regular file")
        assert [Path(key).name for key in one.asked] == ["a.py", "pipe.py"]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/stdin", "/dev/full", "/proc/kmsg"])
def test_a_link_to_what_is_endless_is_refused(hand_in, device: str) -> None:
    folder = hand_in({"a.py": "class A: pass"})
    (folder / "endless.py").symlink_to(device)
    with pytest.raises(SourceError, match=r"endless\.py: not read, for it is a link"):
        gather(folder / "endless.py", Limits(source_bytes=1000))
    assert refused(gather(folder, LIMITS))["endless.py"].startswith("not read, for it is a link")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_device_is_not_even_opened(hand_in) -> None:
    folder = hand_in({"a.py": ""})
    try:
        os.mknod(folder / "zero.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no devices can be made here")
    assert refused(gather(folder, LIMITS))["zero.py"].startswith("not a regular file")


def test_a_socket_is_refused(hand_in, monkeypatch) -> None:
    import socket

    folder = hand_in({"a.py": ""})
    monkeypatch.chdir(folder)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.py")
        assert refused(gather(folder, LIMITS))["socket.py"].startswith("not a regular file")


def test_a_folder_that_is_called_like_a_file(hand_in) -> None:
    folder = hand_in({"x.py/a.py": "class A: pass"})
    assert names(gather(folder, LIMITS)) == ["a.py"]
    assert names(gather(folder / "x.py", LIMITS)) == ["a.py"]


# Links


@pytest.mark.parametrize("named", ["link.py", "link.py:Layer", "folder", "folder/", "packed.zip"])
def test_what_is_named_must_be_no_link(hand_in, tmp_path: Path, named: str) -> None:
    folder = hand_in({"a.py": ""})
    secret = outside(tmp_path)
    for name, target in {"link.py": secret, "folder": secret.parent, "packed.zip": secret}.items():
        (folder / name).symlink_to(target)
    with pytest.raises(
        SourceError, match=r"is a link to /.*; if that is the hand-in, give that path"
    ):
        gather(f"{folder}/{named}", LIMITS)


def test_a_link_to_nothing_is_refused_as_one(hand_in) -> None:
    folder = hand_in({"a.py": ""})
    (folder / "link.py").symlink_to("nowhere.py")
    with pytest.raises(
        SourceError, match=r"link\.py: not read, for it is a link that leads to nothing"
    ):
        gather(folder / "link.py", LIMITS)


def test_what_it_leads_to_is_told_in_one_harmless_line(hand_in) -> None:
    folder = hand_in({"a.py": ""})
    (folder / "\x1b[2J\n::error::.py").write_text("")
    (folder / "link.py").symlink_to("\x1b[2J\n::error::.py")
    with pytest.raises(SourceError) as told:
        gather(folder / "link.py", LIMITS)
    assert str(told.value).isprintable()


def test_the_folders_above_what_is_named_may_be_links(hand_in, tmp_path: Path) -> None:
    """As /tmp is on macOS, and many a home folder."""
    folder = hand_in({"in/a.py": "x = 1\n", "in/b.py": "y = 1\n"})
    (tmp_path / "short").symlink_to(folder)
    one = tmp_path / "short/in/a.py"
    assert list(gather(one, LIMITS, within=one).files) == ["a.py"]
    assert names(gather(tmp_path / "short/in", LIMITS)) == ["a.py", "b.py"]


@pytest.mark.parametrize("imported", [True, False])
def test_a_link_out_of_the_hand_in_is_refused(hand_in, tmp_path: Path, imported: bool) -> None:
    folder = hand_in({"a.py": "import out"})
    (folder / "out.py").symlink_to(outside(tmp_path))
    one = gather(folder / "a.py" if imported else folder, LIMITS)
    assert names(one) == ["a.py"]
    assert refused(one) == {"out.py": "not read, for it is a link out of the hand-in"}


def test_a_linked_folder_out_of_the_hand_in_is_refused(hand_in, tmp_path: Path) -> None:
    folder = hand_in({"a.py": "from out.secret import secret"})
    (folder / "out").symlink_to(outside(tmp_path).parent)
    one = gather(folder, LIMITS)
    assert names(one) == ["a.py"]
    assert refused(one) == {"secret.py": "not read, for it is a link out of the hand-in"}


def test_a_link_above_the_hand_in_is_not_followed(hand_in, tmp_path: Path) -> None:
    folder = hand_in({"a.py": "import secret, beside"})
    (folder.parent / "secret.py").symlink_to(outside(tmp_path))
    (folder.parent / "beside.py").write_text("")
    one = gather(folder, LIMITS)
    assert names(one) == ["a.py", "beside.py"]
    assert list(refused(one)) == ["secret.py"]


def test_a_link_inside_the_hand_in_is_followed(hand_in) -> None:
    folder = hand_in({"a/real.py": "n = 1\n"})
    (folder / "b.py").symlink_to("a/real.py")
    one = gather(folder, LIMITS)
    assert names(one) == ["b.py", "real.py"]
    assert set(one.files.values()) == {b"n = 1\n"}


def test_links_in_a_circle(hand_in) -> None:
    folder = hand_in({"a.py": ""})
    (folder / "b.py").symlink_to("c.py")
    (folder / "c.py").symlink_to("b.py")
    (folder / "dangling.py").symlink_to("nowhere.py")
    one = gather(folder, LIMITS)
    assert names(one) == ["a.py"]
    assert set(refused(one)) == {"b.py", "c.py"}
    assert "symbolic links" in refused(one)["b.py"]
    with pytest.raises(SourceError, match="it is a link that leads to nothing"):
        gather(folder / "b.py", LIMITS)


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(
    hand_in, tmp_path: Path, monkeypatch
) -> None:
    folder = hand_in({"a.py": "class A: pass", "in/secret.py": "n = 1\n"})
    secret = outside(tmp_path)
    real = os.path.realpath

    def late(path: str, **options: bool) -> str:
        found = real(path, **options)
        if str(path).endswith("secret.py") and not (folder / "in").is_symlink():
            (folder / "in").rename(folder / "was")
            (folder / "in").symlink_to(secret.parent)
        return found

    monkeypatch.setattr(os.path, "realpath", late)
    one = gather(folder, LIMITS)
    assert b"secret = 1\n" not in one.files.values()
    assert "cannot be read" in refused(one)["secret.py"]


# Too much


@pytest.mark.parametrize(
    ("name", "size", "fits"),
    [
        ("a.py", MIB, True),
        ("a.py", MIB + 1, False),
        ("a.py", 2 * MIB, False),
        ("a.ipynb", 8 * MIB, True),
        ("a.ipynb", 8 * MIB + 1, False),
    ],
)
def test_files_have_a_greatest_length(hand_in, name: str, size: int, fits: bool) -> None:
    folder = hand_in({name: b"#" * size, "b.py": ""})
    if fits:
        assert len(gather(folder / name, LIMITS).files) == 1
        assert name in names(gather(folder, LIMITS))
        return
    with pytest.raises(SourceError, match=r"a\.\w+: \d.* MiB is no source file \(at most [18] MiB"):
        gather(folder / name, LIMITS)
    assert "MiB is no source file" in refused(gather(folder, LIMITS))[name]


def test_a_sparse_file_of_a_terabyte_takes_no_time(hand_in) -> None:
    folder = hand_in({"a.py": "", "huge.py": ""})
    os.truncate(folder / "huge.py", 2**40)
    assert "MiB is no source file" in refused(gather(folder, LIMITS))["huge.py"]


def test_a_file_without_a_length_is_read_no_further_than_allowed(hand_in) -> None:
    path = Path("/proc/self/environ")  # a regular file of length 0
    if not path.exists():
        pytest.skip("no such file here")
    folder = hand_in({"a.py": ""})
    (folder / "b.py").symlink_to(path)
    with pytest.raises(SourceError, match="no source file"):
        gather(path, Limits(source_bytes=1))


def test_more_files_than_allowed(hand_in) -> None:
    folder = hand_in({f"f{n:02}.py": f"x = {n}" for n in range(20)})
    one = gather(folder, LIMITS)
    assert names(one) == [f"f{n:02}.py" for n in range(16)]
    assert len(one.asked) == 20
    assert refused(one)["f16.py"] == (
        "not read, for a hand-in has at most 16 files (the limit source_files)"
    )
    assert gather(folder, Limits(source_files=20)).refused == {}


def test_neighbours_beyond_the_number_are_told(hand_in) -> None:
    folder = hand_in({"a.py": "import b, c, d", "b.py": "", "c.py": "", "d.py": ""})
    one = gather(folder / "a.py", Limits(source_files=3))
    assert names(one) == ["a.py", "b.py", "c.py"]
    assert list(refused(one)) == ["d.py"]


def test_a_folder_of_refused_files_is_an_error(hand_in) -> None:
    folder = hand_in({"a.py": b"#" * 100})
    with pytest.raises(SourceError, match=r"none of its 1 files can be read\n.*a\.py: "):
        gather(folder, Limits(source_bytes=10))


def test_a_file_without_permission(hand_in) -> None:
    folder = hand_in({"a.py": "", "closed.py": "secret"})
    (folder / "closed.py").chmod(0)
    if os.geteuid() != 0:
        assert "Permission denied" in refused(gather(folder, LIMITS))["closed.py"]
        return
    for one in (folder, *folder.parents):  # the folders of the tests are root's alone
        if one != Path("/tmp") and not one.stat().st_mode & 1:
            one.chmod(0o755)
    code = (
        "import os, sys\nsys.path.insert(0, sys.argv[1])\n"
        "from gradcheck.sandbox.hand_in import gather\n"
        "from types import SimpleNamespace as N\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(*gather(sys.argv[2], N(source_bytes=99, source_files=9)).refused.values())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(folder)], capture_output=True, text=True
    )
    assert "closed.py: cannot be read (Permission denied)" in done.stdout


# Names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"\x1b[31mred.py", r"\x1b[31mred.py"),
        (b"line\nfeed.py", r"line\nfeed.py"),
        (b"caf\xe9.py", r"caf\udce9.py"),
        ("right\u202eyp.py".encode(), r"right\u202eyp.py"),
    ],
)
def test_names_that_cannot_be_shown(hand_in, name: bytes, shown: str) -> None:
    folder = hand_in({"a.py": ""})
    (folder / os.fsdecode(name)).write_text("class A: pass")
    one = gather(folder, LIMITS)
    assert names(one) == ["a.py"]
    assert refused(one) == {
        shown: "not read, for its name has characters that cannot be shown; rename it"
    }
    assert all(text.encode().isascii() and text.isprintable() for text in one.refused.values())
    alone = gather(folder / os.fsdecode(name), LIMITS)  # named by the user: his wish
    assert (names(alone), Path(alone.shown).name) == ([shown], shown)


def test_names_of_other_scripts_and_spaces(hand_in) -> None:
    folder = hand_in({"Übung 1 (копия).py": "", "層.py": ""})
    assert names(gather(folder, LIMITS)) == ["Übung 1 (копия).py", "層.py"]


def test_names_that_differ_only_in_case(hand_in) -> None:
    folder = hand_in({"Layer.py": "n = 1", "layer.py": "n = 2"})
    if len(list(folder.iterdir())) < 2:
        pytest.skip("one file, on this file system")
    assert names(gather(folder, LIMITS)) == ["Layer.py", "layer.py"]


@pytest.mark.parametrize("target", ["numpy.linalg", "own.layers:Affine", "no_such_module"])
def test_an_import_path_cannot_be_isolated(target: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be isolated; give its file or folder$") as caught:
        gather(target, LIMITS)
    assert not isinstance(caught.value, SourceError)
    assert "\n" not in str(caught.value)


# Neighbours


def test_only_what_is_mentioned_is_handed_over(hand_in) -> None:
    folder = hand_in(
        {
            "a.py": "from near import x\nimport sys\nsys.path.append('../my lib')\nimport base\n",
            "near.py": "import deep.inner",
            "other.py": "",
            "deep/inner.py": "",
            "deep/not_it.py": "",
            "deep/__init__.py": "",
            "../my lib/base.py": "",
            "../my lib/not_it.py": "",
        }
    )
    one = gather(folder / "a.py", LIMITS)
    assert names(one) == ["__init__.py", "a.py", "base.py", "inner.py", "near.py"]
    assert [Path(key).name for key in one.asked] == ["a.py"]


def test_a_name_in_a_comment_is_no_import(hand_in) -> None:
    folder = hand_in({"a.py": "# see solution\nimport near\n", "solution.py": "", "near.py": ""})
    assert names(gather(folder / "a.py", LIMITS)) == ["a.py", "near.py"]


@pytest.mark.parametrize(
    "text",
    [
        "from p import (\n    one,\n    base\n)\n",
        "from p import one, \\\n    base\nother = 1\n",
        "import p\nclass A(p.base.B): pass\n",
        "import sys\nsys.path.append(\n    'p'\n)\nimport base\n",
        "import importlib\ndef f(): return importlib.import_module('p.base')\n",
        "from p import *\r\nclass A(base.B): pass\r\n",
    ],
)
def test_imports_over_several_lines(hand_in, text: str) -> None:
    folder = hand_in({"a.py": text, "p/base.py": "", "base_2.py": "", "other.py": ""})
    assert names(gather(folder / "a.py", LIMITS)) == ["a.py", "base.py"]


def test_the_own_package_by_its_name(hand_in) -> None:
    folder = hand_in({"p/a.py": "import p\nclass A(p.base.B): pass\n", "p/base.py": ""})
    assert names(gather(folder / "p" / "a.py", LIMITS)) == ["a.py", "base.py"]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_mentions_are_found_in_any_encoding(hand_in, encoding: str) -> None:
    folder = hand_in({"a.py": "# é\nimport schön".encode(encoding), "schön.py": ""})
    assert names(gather(folder / "a.py", LIMITS)) == ["a.py", "schön.py"]


def test_nothing_above_what_the_caller_says(hand_in) -> None:
    folder = hand_in({"a.py": "import near, above", "near.py": "", "../above.py": ""})
    assert names(gather(folder / "a.py", LIMITS)) == ["a.py", "above.py", "near.py"]
    assert names(gather(folder / "a.py", LIMITS, within=folder)) == ["a.py", "near.py"]
    assert names(gather(folder / "a.py", LIMITS, within=folder / "a.py")) == ["a.py"]
    with pytest.raises(UsageError, match="does not lie within"):
        gather(folder / "a.py", LIMITS, within=folder / "elsewhere")


@pytest.mark.parametrize("kind", ["itself", "hard link", "link"])
def test_what_is_never_handed_over_is_not_under_any_name(hand_in, kind: str) -> None:
    folder = hand_in({"a.py": "import solution", "reference.py": "answer = 42"})
    if kind == "itself":
        (folder / "reference.py").rename(folder / "solution.py")
    elif kind == "hard link":
        os.link(folder / "reference.py", folder / "solution.py")
    else:
        (folder / "solution.py").symlink_to("reference.py")
    reference = folder / ("solution.py" if kind == "itself" else "reference.py")
    assert len(gather(folder / "a.py", LIMITS).files) == 2
    one = gather(folder / "a.py", LIMITS, never=[reference])
    assert names(one) == ["a.py"]
    assert refused(one) == {"solution.py": "not read, for it is not the hand-in's to see"}


# Archives


def pack(path: Path, files: Mapping[str, str | bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w" if path.suffix == ".tar" else f"w:{path.suffix[1:]}") as tape:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tape.addfile(entry, io.BytesIO(data))
    return path


KINDS = ["w.zip", "w.tar", "w.tar.gz", "w.tar.bz2", "w.tar.xz"]


@pytest.mark.parametrize("name", KINDS)
def test_an_archive_is_unpacked_in_memory(tmp_path: Path, name: str) -> None:
    files = {"work/a.py": "import test_b", "work/test_b.py": "n = 1", "work/test_c.py": ""}
    path = pack(tmp_path / name, files | {"work/data.csv": "1", "__MACOSX/work/a.py": "\0"})
    before = sorted(tmp_path.rglob("*"))
    one = gather(path, LIMITS)
    assert dict(one.files) == {"work/a.py": b"import test_b", "work/test_b.py": b"n = 1"}
    assert (one.asked, one.folder, one.shown) == (("work/a.py",), "", str(path))
    assert sorted(tmp_path.rglob("*")) == before
    inner = gather(f"{path}/work/test_c.py", LIMITS)
    assert (dict(inner.files), inner.folder) == ({"work/test_c.py": b""}, None)
    with pytest.raises(SourceError, match=r"work/d\.py: no such file; did you mean .*work/a\.py"):
        gather(f"{path}/work/d.py", LIMITS)


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a/../../out.py", "C:\\out.py"])
@pytest.mark.parametrize("kind", ["w.zip", "w.tar"])
def test_members_that_lead_out_are_refused(tmp_path: Path, kind: str, name: str) -> None:
    path = pack(tmp_path / kind, {"a.py": "", name: "class Out: pass"})
    with pytest.raises(SourceError, match=r"refused, for its member .*out\.py' leads out"):
        gather(path, LIMITS)


@pytest.mark.parametrize("kind", KINDS)
def test_bombs_are_refused_without_being_unpacked(tmp_path: Path, kind: str) -> None:
    path = pack(tmp_path / kind, {"a.py": "", "bomb.py": b"#" * (20 * MIB)})
    assert "20 MiB is no source file (at most 1 MiB" in refused(gather(path, LIMITS))["bomb.py"]
    many = pack(tmp_path / f"many{kind}", {f"{n}.ipynb": b" " * (8 * MIB) for n in range(9)})
    with pytest.raises(SourceError, match="more than 64 MiB of source; give an archive of the cod"):
        gather(many, LIMITS)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "w.zip", {f"{n}.txt": "" for n in range(10_001)})
    with pytest.raises(SourceError, match="more than 10000 members"):
        gather(path, LIMITS)


@pytest.mark.parametrize("field", ["pax", "long name", "sparse"])
def test_headers_that_ask_for_gigabytes_are_refused(tmp_path: Path, field: str) -> None:
    """The reader of tar archives takes such a header into memory as a whole."""
    import gzip

    entry = tarfile.TarInfo("layers.py")
    entry.type = {"pax": b"x", "long name": b"L", "sparse": b"S"}[field]
    entry.size = 2**30 if field != "sparse" else 2**40
    path = tmp_path / "w.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry.tobuf(tarfile.GNU_FORMAT))
        for _ in range(64 if field != "sparse" else 1):
            file.write(bytes(MIB))
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"cannot be read|unpacked"):
            gather(path, LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_lying_length_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = pack(tmp_path / "w.zip", {"a.py": b"#" * (4 * MIB), "b.py": ""})
    data = path.read_bytes().replace((4 * MIB).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"the archive cannot be read \(Bad CRC-32"):
        gather(path, LIMITS)


@pytest.mark.parametrize("name", ["a/" * 30_000 + "b.py", "a" * 60_000 + ".py"])
@pytest.mark.parametrize("kind", ["w.zip", "w.tar"])
def test_endless_paths_are_refused(tmp_path: Path, kind: str, name: str) -> None:
    path = pack(tmp_path / kind, {name: ""})
    with pytest.raises(SourceError, match="too long a path") as caught:
        gather(path, LIMITS)
    assert len(str(caught.value)) < 500


def test_an_archive_that_is_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.zip")
    with pytest.raises(SourceError, match=r"w\.zip: no such file"):
        gather(tmp_path / "w.zip", LIMITS)


def test_odd_names_in_archives(tmp_path: Path) -> None:
    path = pack(tmp_path / "w.tar", {"A.py": "n = 1", "a.py": "n = 2", "b\x1b[0m.py": ""})
    one = gather(path, LIMITS)
    assert dict(one.files) == {"A.py": b"n = 1", "a.py": b"n = 2"}
    assert list(refused(one)) == [r"b\x1b[0m.py"]


def test_nothing_of_a_hand_in_is_compiled_or_imported(hand_in) -> None:
    files = {
        "a.py": "raise SystemExit\nimport b",
        "b.py": "x = " + "(" * 100_000,
        "c.ipynb": "[" * 100_000,
        "sitecustomize.py": "raise SystemExit",
    }
    folder = hand_in(files)
    code = (
        "import sys\nsys.path.insert(0, sys.argv[1])\n"
        "from gradcheck.sandbox.hand_in import gather\nimport gradcheck.sandbox.archived\n"
        "from types import SimpleNamespace as N\n"
        "def watch(event, arguments):\n"
        "    if event in ('compile', 'exec') and 'hand_in/' in repr(arguments):\n"
        "        raise SystemExit(9)\n"
        "sys.addaudithook(watch)\n"
        "print(len(gather(sys.argv[2], N(source_bytes=2**20, source_files=9)).files))\n"
        "assert not {'json', 'gradcheck.sources.text'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT), str(folder)], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("4\n", "")


def test_no_part_of_a_name_acts_on_a_log(hand_in) -> None:
    """Wherever a line that tells it is broken."""
    folder = hand_in({"a::error::b##[error].py": ""})
    shown = gather(folder / "a::error::b##[error].py", LIMITS).shown
    assert "::" not in shown
    assert "##" not in shown
    assert shown.endswith(r"a:\x3aerror:\x3ab#\x23[error].py")
