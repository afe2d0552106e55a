"""What isolation costs: the start of workers, messages, checks, and submissions a second.

    python benchmarks/isolation.py [--repeats 15] [--limits]

Medians; what is compared is compared within one run, in pairs whose order alternates, so that a
slow moment meets both. Four parts: (a) a worker from the order to ready, at each level that the
machine offers; (b) the round trip of a question, and single calls of a layer here and in a worker;
(c) the same checks here and in workers, on the clock and of the processor, workers and zygote
included; (d) submissions of four layers a second, grader and workers on one core: the cheapest
grading that the design allows (``benchmarks/cheap_worker.py``: 192 forwards and a backward a layer,
central differences here), and whole runs of ``check_module``. With ``--limits`` the exit code is 1
if a worker takes 10 ms or more to be ready, or isolated checks more than twice as long.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.cheap_worker import BATCH, COLUMNS, ECHO, LAYERS, ROWS, VJP
from benchmarks.hand_ins_of_four import CHECKED, POINTWISE
from benchmarks.markdown import table
from gradcheck import check_module
from gradcheck.opening import opened
from gradcheck.sandbox import far_source
from gradcheck.sandbox.confinement import LEVELS, at_least, offered
from gradcheck.sandbox.processes import Sandbox
from gradcheck.settings import Settings

READY_MS, TIMES = 10.0, 2.0  # goals
CHEAP = "benchmarks.cheap_worker"
STEP = 6e-6  # of the central differences: about the cube root of the rounding unit


def main() -> int:
    """Print all tables; with ``--limits``, 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--limits", action="store_true", help="fail if a goal is missed")
    given = parser.parse_args()
    levels = [one for one in LEVELS if at_least(offered().level, one)]
    print(f"offered: {offered()}; load before: {os.getloadavg()[0]:.1f}")
    ready = starts(levels, given.repeats)
    messages(4 * given.repeats)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hand_in.py")
        file.write_text(CHECKED)
        calls(file, given.repeats)
        times = checks(file, given.repeats)
        a_second(file, given.repeats)
    missed = [f"{ready:.1f} ms until a worker is ready"] if ready >= READY_MS else []
    missed += [f"isolated checks take {times:.2f} times as long"] if times > TIMES else []
    print("\ngoals missed: " + ("; ".join(missed) or "none"))
    return int(given.limits and bool(missed))


def timed(act: Callable[[], Any]) -> float:
    """Return how many milliseconds something takes on the clock."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1e3


def starts(levels: list[str], repeats: int) -> float:
    """Print what zygotes and workers take to start; return the slowest median of a worker."""
    rows, medians = [], []
    for level in levels:
        zygote: list[float] = []
        born: list[float] = []
        ended: list[float] = []
        for _ in range(max(3, repeats // 3)):
            begun = time.perf_counter()
            with Sandbox(level=level) as box:
                zygote.append((time.perf_counter() - begun) * 1e3)
                for _ in range(repeats):
                    held: list[Any] = []
                    born.append(timed(lambda: held.append(box.worker())))  # noqa: B023
                    ended.append(timed(held[0].close))
        medians.append(statistics.median(born))
        slow = statistics.quantiles(born, n=10)[-1]
        figures = (statistics.median(zygote), medians[-1], slow, statistics.median(ended))
        rows.append([level, *(f"{one:.1f}" for one in figures)])
    columns = ["level", "zygote, ms", "worker ready, ms", "90 %, ms", "worker ended, ms"]
    table("Starting", columns, rows)
    return max(medians)


def messages(repeats: int) -> None:
    """Print the round trip of a question and an answer of the same size."""
    rows = []
    with Sandbox(serve=f"{CHEAP}:echo") as box, box.worker() as worker:
        for name, size in (("100 B", 100), ("2 kB", 2000), ("2 MB", 2_000_000)):
            payload = bytes(size)

            def ask(payload: bytes = payload) -> None:
                worker.ask(ECHO, payload, seconds=5, most=len(payload))

            ask()
            taken = sorted(timed(ask) * 1e3 for _ in range(repeats if size > 1e5 else 20 * repeats))
            rows.append([name, f"{statistics.median(taken):.0f}", f"{taken[0]:.0f}"])
    table("Round trip of a question", ["there and back", "median, µs", "least, µs"], rows)


def calls(file: Path, repeats: int) -> None:
    """Print single calls of a layer, here and in a worker."""
    generator = np.random.default_rng(1)
    primals = {"x": generator.normal(size=(4, 6))}
    cotangents = {"out": generator.normal(size=(4, 6))}
    with subject_of(file, "") as here, subject_of(file, "best") as there:
        output = here.forms[0].outputs[0].name
        (array,) = (one.name for one in here.forms[0].arrays)
        primals, cotangents = {array: primals["x"]}, {output: cotangents["out"]}
        rows = []
        for name, act, count in (
            ("one forward", lambda one: one.forward(primals), 1),
            ("forward and backward", lambda one: one.vjp(primals, cotangents), 1),
            ("a batch of 64 forwards, each", lambda one: one.forward_many([primals] * 64), 64),
        ):
            seen: dict[Any, list[float]] = {here: [], there: []}
            for number in range(10 * repeats):
                for subject in (here, there) if number % 2 else (there, here):
                    taken = timed(lambda: act(subject))  # noqa: B023
                    seen[subject].append(taken * 1e3 / count)
            local, far = (statistics.median(one) for one in seen.values())
            rows.append([name, f"{local:.0f}", f"{far:.0f}", f"{far / local:.1f}"])
    table("Sigmoid on 4x6", ["call", "here, µs", "isolated, µs", "ratio"], rows)


@contextmanager
def subject_of(file: Path, isolate: str) -> Iterator[Any]:
    """Give the first layer of a file as the checks see it."""
    settings = Settings(isolate=isolate)
    source = opened(file, settings)
    try:
        first = source.listed[0]
        yield next(iter(source.readings(first.candidates[0], first.module, settings))).subject
    finally:
        source.close()


def checks(file: Path, repeats: int) -> float:
    """Print what the same checks take here and in workers; return the ratio at the best level."""
    rows, ratios = [], []
    for level in ("best", "strict", "seccomp"):
        if level != "best" and not at_least(offered().level, level):
            continue
        measured = []
        check(file, ""), check(file, level)
        for number in range(max(3, repeats // 3)):
            order = ("", level) if number % 2 else (level, "")
            seen = {isolate: check(file, isolate) for isolate in order}
            measured.append((*seen[""], *seen[level]))
        here, cpu, there, cpu_there, *_ = (statistics.median(one) for one in zip(*measured))  # noqa: B905
        ratio = statistics.median(one[2] / one[0] for one in measured)
        worked = statistics.median(one[3] / one[1] for one in measured)
        ratios.append(ratio)
        name = f"best: {offered().level}" if level == "best" else level
        rows.append([name, f"{here:.0f}", f"{there:.0f}", f"{ratio:.2f}",
                     f"{cpu:.0f}", f"{cpu_there:.0f}", f"{worked:.2f}"])  # fmt: skip
    columns = ["level", "here, ms", "isolated, ms", "ratio", "processor, ms", "isolated", "ratio"]
    table("Checks of Sigmoid, Affine, ReLU and Softmax, 60 cases each", columns, rows)
    return ratios[0]


def check(file: Path, isolate: str) -> tuple[float, float]:
    """Check all layers of a file; return milliseconds on the clock and of the processor."""
    worked, start = _worked(), time.perf_counter()
    report = check_module(str(file), seed=1, isolate=isolate or False)
    taken = (time.perf_counter() - start) * 1e3
    assert report.verdict == "pass"
    return taken, _worked() - worked


def _worked() -> float:
    """Return milliseconds of the processor of this process and of all that it started."""
    used = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ticks = sum(map(_ticks, Path(f"/proc/{os.getpid()}/task").glob("*/children")))
    waited_for = sum(one.ru_utime + one.ru_stime for one in used)
    return 1e3 * (waited_for + ticks / os.sysconf("SC_CLK_TCK"))


def _ticks(children: Path) -> int:
    """Return the processor time of the zygote, which lives on, and of its ended workers."""
    stats = [Path(f"/proc/{one}/stat").read_text() for one in children.read_text().split()]
    return sum(sum(map(int, one.rpartition(")")[2].split()[11:15])) for one in stats)


def a_second(file: Path, repeats: int) -> None:
    """Print submissions of four layers a second, with all processes on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    rows = []
    try:
        for level in dict.fromkeys((_no_more_than("strict"), offered().level)):
            with Sandbox(level=level, serve=f"{CHEAP}:layers", table=POINTWISE.encode()) as box:
                cheaply(box)
                cheap = statistics.median(timed(lambda: cheaply(box)) for _ in range(10 * repeats))
            rows.append([f"the design, {level}: 4 x 193 calls, differences here", cheap])
        for name, isolate in (("whole runs of check_module, local", ""),
                              ("whole runs of check_module, isolated", "best")):  # fmt: skip
            taken = statistics.median(check(file, isolate)[0] for _ in range(max(3, repeats // 5)))
            rows.append([name, taken])
        settings = Settings(isolate="best")
        opening = statistics.median(
            timed(lambda: far_source.FarSource(file, settings).close()) for _ in range(repeats)
        )
        rows.append(["of which opening and closing (zygote, first worker)", opening])
    finally:
        os.sched_setaffinity(0, cores)
    told = [[name, f"{ms:.1f}", f"{1000 / ms:.1f}"] for name, ms in rows]
    table("Submissions of four layers on one core", ["what", "ms each", "a second"], told)


def _no_more_than(level: str) -> str:
    return level if at_least(offered().level, level) else offered().level


def cheaply(box: Sandbox) -> None:
    """Grade a submission in a fresh worker: each element of the gradient of each layer."""
    generator = np.random.default_rng(2)
    size = ROWS * COLUMNS
    with box.worker() as worker:
        for layer in range(LAYERS):
            head = bytes([layer]) + bytes(7)
            x, upstream = generator.normal(size=(2, ROWS, COLUMNS))
            answer = worker.ask(
                VJP, head + x.tobytes() + upstream.tobytes(), seconds=2, most=8 * size
            )
            gradient = np.frombuffer(answer, np.float64)
            # Four points an element for two step sizes, and as many repeats: 192 forwards.
            steps = np.concatenate([factor * STEP * np.eye(size) for factor in (1, -1, 2, -2) * 2])
            points = x.reshape(-1) + steps
            order = generator.permutation(len(points))
            data = head + points[order].tobytes()
            answer = worker.ask(BATCH, data, seconds=2, most=8 * size * len(points))
            values = np.empty_like(points)
            values[order] = np.frombuffer(answer, np.float64).reshape(points.shape)
            along = (values @ upstream.reshape(-1)).reshape(2, 4, size)
            for up, down, up_two, down_two in along:
                found = (8 * (up - down) - (up_two - down_two)) / (12 * STEP)
                error = np.abs(found - gradient)
                assert np.isfinite(error).all()
                assert (error <= 1e-7).all()


if __name__ == "__main__":
    sys.exit(main())
