"""Hand-ins that no repository should hold as files: links, pipes, bombs, bytes that are no text."""

from __future__ import annotations

import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.sandbox.world import World

WRONG = """
class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
"""
RIGHT = WRONG.replace("dout * self.x", "2.0 * self.x * dout")
MIB = 1 << 20

Making = Callable[[Path, World], Path]
MADE: dict[str, Making] = {}


def made(making: Making) -> Making:
    """Enter what makes a hand-in under its name."""
    MADE[making.__name__] = making
    return making


def _written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@made
def source_huge(folder: Path, world: World) -> Path:
    """A file of eight megabytes."""
    return _written(folder / "huge.py", WRONG + "# filling\n" * (8 * MIB // 10))


@made
def source_deep_parentheses(folder: Path, world: World) -> Path:
    """A hundred thousand parentheses in each other."""
    return _written(folder / "deep.py", WRONG + "X = " + "(" * 10**5 + "1" + ")" * 10**5)


@made
def source_deep_signs(folder: Path, world: World) -> Path:
    """Half a million signs before a number: the stack of the compiler."""
    return _written(folder / "signs.py", WRONG + "X = " + "-" * (MIB // 2) + "1")


@made
def source_deep_sums(folder: Path, world: World) -> Path:
    """A sum of two hundred thousand terms, as deep a tree."""
    return _written(folder / "sums.py", WRONG + "class A:\n    x = " + "1+" * 200_000 + "1")


@made
def source_deep_blocks(folder: Path, world: World) -> Path:
    """A hundred blocks in each other."""
    lines = [f"{' ' * depth}if 1:\n" for depth in range(100)]
    return _written(folder / "blocks.py", WRONG + "".join(lines) + " " * 100 + "pass\n")


@made
def source_deep_attributes(folder: Path, world: World) -> Path:
    """A chain of a hundred thousand attributes, calls and subscripts."""
    return _written(folder / "chain.py", WRONG + "X = x" + ".a()[0]" * 100_000)


@made
def source_large_text_constant(folder: Path, world: World) -> Path:
    """A text of ten gigabytes as a constant."""
    return _written(folder / "text.py", "X = 'x' * 10**10\n" + WRONG)


@made
def source_large_number_constant(folder: Path, world: World) -> Path:
    """A number of 370 million digits as a constant."""
    return _written(folder / "number.py", "X = 9**9**9\n" + WRONG)


@made
def source_large_tuple_constant(folder: Path, world: World) -> Path:
    """Tuples in tuples, each a thousand times the one before."""
    return _written(folder / "tuples.py", "X = ((((0,) * 1000,) * 1000,) * 1000) * 10**6\n" + WRONG)


@made
def source_regular_expression_constant(folder: Path, world: World) -> Path:
    """A regular expression whose compilation takes long."""
    text = "import re\nX = re.compile('(' * 50 + 'a{0,1000}' * 1000 + ')' * 50)\n"
    return _written(folder / "expression.py", text + WRONG)


@made
def source_many_names(folder: Path, world: World) -> Path:
    """Thirty thousand definitions."""
    names = "".join(f"class A{number}: pass\n" for number in range(30_000))
    return _written(folder / "names.py", names + WRONG)


@made
def source_many_layers(folder: Path, world: World) -> Path:
    """Eight layers, each of which hangs: do they take eight times as long as one?"""
    hanging = WRONG.replace("        return dout * self.x", "        while True:\n            pass")
    layers = "".join(hanging.replace("Square", f"Square{number}") for number in range(8))
    return _written(folder / "many.py", layers)


@made
def source_null_bytes(folder: Path, world: World) -> Path:
    """Null bytes in the text."""
    return _written(folder / "null.py", WRONG + "X = 1\0\n\0")


@made
def source_wide_text(folder: Path, world: World) -> Path:
    """UTF-16, as an editor of another system writes it."""
    return _written(folder / "wide.py", WRONG.encode("utf-16"))


@made
def source_unknown_coding(folder: Path, world: World) -> Path:
    """A coding that nobody knows."""
    return _written(folder / "coding.py", "# -*- coding: klingon -*-\n" + WRONG)


@made
def source_escaping_coding(folder: Path, world: World) -> Path:
    """A coding under which a comment holds a second, right layer."""
    hidden = "# \\u000a" + RIGHT.replace("\n", "\\u000a")
    return _written(folder / "escapes.py", "# coding: unicode_escape\n" + WRONG + hidden)


@made
def source_stray_bytes(folder: Path, world: World) -> Path:
    """Bytes of Latin-1 in a file that says nothing of it."""
    return _written(folder / "stray.py", WRONG.encode() + b"# gr\xfc\xdfe\nX = '\xff'\n")


@made
def source_random_bytes(folder: Path, world: World) -> Path:
    """Bytes that are no text at all."""
    return _written(folder / "random.py", os.urandom(4096))


@made
def source_empty(folder: Path, world: World) -> Path:
    """Nothing."""
    return _written(folder / "empty.py", "")


@made
def source_comment(folder: Path, world: World) -> Path:
    """Only a comment."""
    return _written(folder / "comment.py", "# verdict: pass\n")


@made
def source_syntax(folder: Path, world: World) -> Path:
    """A mistake of syntax whose line would clear the screen."""
    return _written(folder / "syntax.py", "def (:  # \x1b[2J\u202e\n::error::x\n")


@made
def source_control_characters(folder: Path, world: World) -> Path:
    """Carriage returns alone, form feeds, escapes and marks of direction between the lines."""
    text = WRONG.replace("\n\n", "\n\x0c\n") + "# \x1b[2J \u202e \u2066\r# end\r"
    return _written(folder / "controls.py", text)


@made
def path_link(folder: Path, world: World) -> Path:
    """A link to a private file."""
    path = folder / "link.py"
    path.symlink_to(world.secret)
    return path


@made
def path_link_other(folder: Path, world: World) -> Path:
    """A link to the right hand-in of somebody else."""
    path = folder / "link.py"
    path.symlink_to(world.other)
    return path


@made
def path_link_below(folder: Path, world: World) -> Path:
    """A neighbour that is a link to the right hand-in of somebody else."""
    below = folder / "below"
    below.mkdir()
    (below / "helper.py").symlink_to(world.other)
    fallback = WRONG.replace("\n", "\n    ")
    text = f"try:\n    from helper import Square\nexcept ImportError:{fallback}\n"
    _written(below / "main.py", text + WRONG.replace("Square", "Wrong"))
    return below


@made
def path_link_folder(folder: Path, world: World) -> Path:
    """A folder of the hand-in that is a link to the folder of somebody else."""
    below = folder / "below"
    below.mkdir()
    (below / "theirs").symlink_to(world.other.parent, target_is_directory=True)
    _written(below / "main.py", WRONG + "from theirs.other_hand_in import Square as Other\n")
    return below


@made
def path_link_endless(folder: Path, world: World) -> Path:
    """A link to a file without an end."""
    path = folder / "zero.py"
    path.symlink_to("/dev/zero")
    return path


@made
def path_link_circle(folder: Path, world: World) -> Path:
    """Links in a circle."""
    (folder / "one.py").symlink_to(folder / "two.py")
    (folder / "two.py").symlink_to(folder / "one.py")
    return folder / "one.py"


@made
def path_pipe(folder: Path, world: World) -> Path:
    """A named pipe, which nobody writes into."""
    os.mkfifo(folder / "pipe.py")
    return folder / "pipe.py"


@made
def path_pipe_below(folder: Path, world: World) -> Path:
    """A folder in which a named pipe lies beside the layer."""
    below = folder / "below"
    below.mkdir()
    os.mkfifo(below / "pipe.py")
    _written(below / "main.py", WRONG)
    return below


@made
def path_socket(folder: Path, world: World) -> Path:
    """A socket."""
    before = Path.cwd()
    os.chdir(folder)  # a path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind("socket.py")
    finally:
        os.chdir(before)
    return folder / "socket.py"


@made
def path_folder(folder: Path, world: World) -> Path:
    """A folder called like a file."""
    (folder / "folder.py").mkdir()
    return folder / "folder.py"


@made
def path_many_files(folder: Path, world: World) -> Path:
    """A hundred files."""
    below = folder / "below"
    below.mkdir()
    for number in range(100):
        _written(below / f"layer{number}.py", WRONG.replace("Square", f"Square{number}"))
    return below


@made
def path_name(folder: Path, world: World) -> Path:
    """A name of a file that clears the screen and commands a CI."""
    return _written(folder / "a\x1b[2J\n::error::x\r\u202e.py", WRONG)


@made
def path_name_below(folder: Path, world: World) -> Path:
    """Such a name in a folder, beside a plain file."""
    below = folder / "below"
    below.mkdir()
    _written(below / "b\x1b[31m\n::error::x.py", WRONG)
    _written(below / "main.py", WRONG)
    return below


@made
def path_name_bytes(folder: Path, world: World) -> Path:
    """A name of bytes that are no text."""
    path = os.path.join(os.fsencode(folder), b"\xff\xfe\x1b[2J.py")
    with open(path, "wb") as file:
        file.write(WRONG.encode())
    return Path(os.fsdecode(path))


@made
def notebook_no_json(folder: Path, world: World) -> Path:
    """A notebook that is no JSON."""
    return _written(folder / "broken.ipynb", "{" * 1000)


@made
def notebook_deep(folder: Path, world: World) -> Path:
    """A notebook that is a list in a list, a hundred thousand times."""
    return _written(folder / "deep.ipynb", "[" * 10**5 + "]" * 10**5)


@made
def notebook_types(folder: Path, world: World) -> Path:
    """A notebook whose parts are of other types."""
    cells = [1, None, {"cell_type": ["code"], "source": {"a": 1}}, {"cell_type": "code"}]
    text = json.dumps({"nbformat": 4, "cells": cells, "metadata": []})
    return _written(folder / "types.ipynb", text)


@made
def notebook_many_cells(folder: Path, world: World) -> Path:
    """A notebook of fifty thousand cells."""
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] * 50_000}
    return _written(folder / "many.ipynb", json.dumps(content))


@made
def notebook_large_number(folder: Path, world: World) -> Path:
    """A notebook with a number of a million digits."""
    return _written(folder / "number.ipynb", '{"nbformat": ' + "9" * 10**6 + "}")


@made
def archive_bomb(folder: Path, world: World) -> Path:
    """An archive of which a file becomes a gigabyte."""
    path = folder / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("main.py", "w", force_zip64=True) as member,
    ):
        member.write(WRONG.encode())
        for _ in range(1024):
            member.write(b"\n" * MIB)
    return path


@made
def archive_climbs(folder: Path, world: World) -> Path:
    """An archive with names that lead out of it."""
    path = folder / "climbs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../gradcheck_hostile_climbed.py", WRONG)
        archive.writestr("/tmp/gradcheck_hostile_absolute.py", WRONG)
        archive.writestr("main.py", WRONG)
    return path


@made
def archive_link(folder: Path, world: World) -> Path:
    """An archive with a link to the right hand-in of somebody else."""
    path = folder / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("helper.py")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, str(world.other))
        archive.writestr("main.py", "from helper import Square as Other\n" + WRONG)
    return path


@made
def honest_mark(folder: Path, world: World) -> Path:
    """Right, with a byte order mark and lines that end as on Windows."""
    return _written(folder / "mark.py", b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())


@made
def honest_latin(folder: Path, world: World) -> Path:
    """Right, in Latin-1 that is declared."""
    text = "# coding: latin-1\nNAME = 'größe'\n" + RIGHT
    return _written(folder / "latin.py", text.encode("latin-1"))


@made
def honest_long_docstring(folder: Path, world: World) -> Path:
    """Right, with a docstring of half a megabyte."""
    text = '"""' + "What a square is.\n" * (MIB // 2 // 18) + '"""\n'
    return _written(folder / "long.py", text + RIGHT)


@made
def honest_archive(folder: Path, world: World) -> Path:
    """Right, in an archive."""
    path = folder / "hand_in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("work/main.py", "from part import Square\n\nAGAIN = 1\n")
        archive.writestr("work/part.py", RIGHT)
    return path
