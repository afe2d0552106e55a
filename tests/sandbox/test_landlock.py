"""Landlock: what may be read, and that all else is refused, also where no filter helps."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import gradcheck
import layers
from gradcheck.errors import UsageError
from gradcheck.sandbox import landlock
from gradcheck.sandbox.readable import readable
from tests.sandbox.confined import PLACES, fresh, needs, run


def version() -> int:
    try:
        return landlock.version()
    except OSError as error:
        pytest.skip(f"no Landlock here: {error}")


def by_landlock_alone(statement: str, before: str = "") -> str:
    """Try a statement under Landlock without a filter; "done" or the name of the refusal.

    It is tried without Landlock first, where it must succeed; FREE then is another name.
    """
    program = f"""
import errno, os, socket, sys
sys.path[:0] = {PLACES!r}
from gradcheck.sandbox import landlock, readable, resources
places = readable.readable(("numpy",))
{before}
parent = os.getpid()
told, tells = os.pipe()
child = os.fork()
if not child:
    os.dup2(tells, 1)
    resources.no_new_privileges()
    ruleset = landlock.ruleset(places)
    for folder in readable.standard_folders():
        landlock.list_only(ruleset, folder)
    FREE = "1" if restricted else "2"
    if restricted:
        landlock.restrict(ruleset)
    try:
        {statement}
    except OSError as error:
        print(errno.errorcode[error.errno])
    else:
        print("done")
    sys.stdout.flush()
    os._exit(0)
os.close(tells)
sys.stdout.write(os.fdopen(told).read())
"""
    free = fresh("restricted = False\n" + program)
    assert free.stdout.endswith("done\n"), f"nothing to refuse: {free.stdout}{free.stderr}"
    done = fresh("restricted = True\n" + program)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("statement", "since"),
    [
        ("open({path!r}).close()", 1),
        ("open({path!r}, 'a').close()", 1),
        ("os.truncate({path!r}, 0)", 3),
        ("os.unlink({path!r})", 1),
        ("os.rename({path!r}, {path!r} + FREE)", 1),
        ("os.link({path!r}, {path!r} + FREE)", 1),
        ("os.symlink('x', {path!r} + FREE)", 1),
        ("os.mkdir({path!r} + FREE)", 1),
        ("os.mkfifo({path!r} + FREE)", 1),
        ("os.listdir('/')", 1),
        ("os.listdir('/proc')", 1),
        ("open('/proc/self/status').close()", 1),
        ("open('/proc/%d/cmdline' % parent).close()", 1),
        ("open('/etc/passwd').close()", 1),
        ("open('/dev/null', 'w').close()", 1),
        ("open(os.__file__, 'a').close() if os.geteuid() == 0 else open({path!r}).close()", 1),
        ("server = socket.create_server(('127.0.0.1', 0))", 4),
        ("os.kill(parent, 0)", 6),
    ],
)
def test_refused_without_a_filter(statement: str, since: int, tmp_path: Path) -> None:
    if version() < since:
        pytest.skip(f"from ABI {since} on; this kernel has {version()}")
    path = str(tmp_path / "private")
    before = f"open({path!r}, 'w').close()"
    statement = statement.format(path=path)
    wanted = "EPERM" if "kill" in statement else "EACCES"
    assert by_landlock_alone(statement, before) == wanted


def test_no_connection_out_is_made() -> None:
    if version() < 4:
        pytest.skip("TCP is governed from ABI 4 on")
    before = "server = socket.create_server(('127.0.0.1', 0)); address = server.getsockname()"
    assert by_landlock_alone("socket.create_connection(address).close()", before) == "EACCES"


def test_no_abstract_socket_outside_is_reached() -> None:
    if version() < 6:
        pytest.skip("abstract sockets are governed from ABI 6 on")
    before = (
        "name = '\\0gradcheck-test-%d' % os.getpid()\n"
        "server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen()"
    )
    statement = "socket.socket(socket.AF_UNIX).connect(name)"
    assert by_landlock_alone(statement, before) == "EPERM"


@pytest.mark.parametrize("level", ["strict", "namespaces"])
def test_what_python_and_numpy_need_can_be_read(level: str) -> None:
    inside = """
    import decimal, json, dataclasses, typing, ssl, sqlite3, lzma, bz2, ctypes, unittest
    import numpy.testing, numpy.polynomial, numpy.ma, numpy.fft, numpy.random
    open(os.__file__).close()
    open("/dev/null").close()
    assert len(open("/dev/urandom", "rb", buffering=0).read(4)) == 4
    assert "decimal.py" in os.listdir(os.path.dirname(os.__file__))
    print("read")
    """
    optional = [one for one in ("ssl", "sqlite3", "lzma", "bz2") if not present(one)]
    for one in optional:  # an interpreter that was built without
        inside = inside.replace(f" {one},", "")
    assert run(level, inside).output == "read\n"


def present(module: str) -> bool:
    return fresh(f"import {module}").returncode == 0


@pytest.mark.parametrize("level", ["strict", "namespaces"])
def test_neither_gradcheck_nor_the_reference_can_be_read(level: str) -> None:
    private = [gradcheck.__file__, layers.__file__, __file__, pytest.__file__]
    inside = f"""
    for path in {private!r}:
        try:
            open(path).close()
        except PermissionError:
            print("refused")
    import importlib
    for name in ("layers", "pytest", "hypothesis", "gradcheck.runner"):
        try:
            importlib.import_module(name)
        except ImportError:
            print("not found")
    """
    assert run(level, inside).output == "refused\n" * 4 + "not found\n" * 4


@pytest.mark.parametrize("level", ["strict", "namespaces"])
def test_other_hand_ins_and_the_environment_cannot_be_read(level: str, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("their work")
    inside = f"""
    for path in ({str(other)!r}, "/proc/self/environ", "/proc/self/maps", "/proc/1/environ"):
        try:
            open(path).close()
        except OSError:
            print("refused")
    """
    assert run(level, inside).output == "refused\n" * 4


def test_a_named_package_can_be_read() -> None:
    inside = """
    import click
    print(click.__name__)
    """
    assert run("strict", inside, readable=("numpy", "click")).output == "click\n"
    assert "ModuleNotFoundError" in run("strict", inside).output


def test_the_ruleset_is_closed_when_it_is_in_force() -> None:
    inside = """
    try:
        os.fstat(prepared.ruleset)
    except OSError as error:
        print(error.errno)
    """
    assert run("strict", inside).output == "9\n"


def test_a_worker_cannot_lift_it_by_another_ruleset() -> None:
    needs("strict")
    inside = """
    try:
        landlock.ruleset(["/"])
    except OSError as error:
        print(error.errno)
    """
    assert run("strict", inside, before="from gradcheck.sandbox import landlock").output == "1\n"


@pytest.mark.parametrize("own", ["gradcheck", "layers", str(Path(gradcheck.__file__).parent), "/"])
def test_our_own_files_are_never_made_readable(own: str) -> None:
    with pytest.raises(UsageError, match="would let a hand-in read"):
        readable((own,))


def test_a_part_of_our_own_is_no_more_readable() -> None:
    with pytest.raises(UsageError, match="a part of"):
        readable((gradcheck.__file__,))


def test_an_unknown_package_is_named() -> None:
    with pytest.raises(UsageError, match="no_such_package: no such package is installed"):
        readable(("no_such_package",))


def test_site_packages_are_not_in_the_list() -> None:
    names = {os.path.basename(one) for one in readable(())}
    assert "json" in names
    assert not {"site-packages", "dist-packages"} & names
    assert not [one for one in readable(()) if one in sys.path and "packages" in one]
