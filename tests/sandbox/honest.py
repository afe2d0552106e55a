"""What honest code does, run whole at every level; it ends with the word "honest"."""

import asyncio.events  # noqa: F401
import concurrent.futures
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import inspect
import io
import itertools
import json
import logging
import mmap
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
import traceback
import typing

import numpy as np

for name in ("fractions", "statistics", "decimal", "_decimal", "colorsys", "numpy.testing"):
    sys.modules.pop(name, None)  # imported anew, as a late import would
import colorsys  # noqa: E402, F401
import fractions  # noqa: E402

import numpy.ma  # noqa: E402
import numpy.polynomial  # noqa: E402
import numpy.testing  # noqa: E402


@dataclasses.dataclass
class Layer:
    weights: typing.Any

    def forward(self, x):
        return np.maximum(x @ self.weights, 0)


a = np.random.default_rng(0).normal(size=(120, 120))
assert Layer(a).forward(a).shape == (120, 120)
u, s, vt = np.linalg.svd(a)
assert np.allclose(u * s @ vt, a)
assert np.allclose(np.linalg.inv(a) @ a, np.eye(120))
assert np.allclose(np.einsum("ij,jk->ik", a, a), a @ a)
assert np.allclose(np.fft.ifft(np.fft.fft(a)), a)
np.random.seed(1)
np.random.randn(3, 4)
numpy.testing.assert_allclose(numpy.polynomial.Polynomial([1, 2])(2.0), 5.0)
assert numpy.ma.array([1, 2], mask=[0, 1]).sum() == 1

assert decimal.Decimal(1) / 4 == decimal.Decimal("0.25")
assert fractions.Fraction(1, 3) * 3 == 1
assert json.loads(json.dumps({"a": [1.5]})) == {"a": [1.5]}
assert statistics.mean([1, 2, 3]) == 2
random.seed(0)
random.random()
os.urandom(8)
datetime.datetime.now()
time.localtime()
time.sleep(0.001)
assert functools.reduce(lambda x, y: x + y, itertools.repeat(1, 3)) == 3
enum.Enum("Mode", "TRAIN TEST")
inspect.signature(Layer.forward)
tempfile.gettempprefix()

if THREADS:  # noqa: F821 - set by the test
    done = []
    threads = [threading.Thread(target=lambda: done.append(a @ a)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(done) == 4
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda x: x * x, range(5))) == [0, 1, 4, 9, 16]

for too_much in (lambda: np.ones(10**10), lambda: bytearray(10**11), lambda: [0] * 10**11):
    try:
        too_much()
    except MemoryError:
        pass
    else:
        raise AssertionError("no limit of memory")

with contextlib.redirect_stdout(io.StringIO()) as caught:
    print("into a string")
assert caught.getvalue() == "into a string\n"
try:
    np.linalg.inv(np.zeros((2, 2)))
except np.linalg.LinAlgError:
    assert "Singular matrix" in traceback.format_exc()
with contextlib.suppress(RecursionError):

    def deeper():
        deeper()

    deeper()
with contextlib.suppress(OSError):  # refused, but as an exception
    open(os.devnull, "w").close()
logging.getLogger("layer").warning("into the pipe")
sys.stdout.isatty()
mmap.mmap(-1, 4096).close()
taken = []
signal.signal(signal.SIGUSR1, lambda *_: taken.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
assert len(taken) == 2
try:
    import hypothetical_package
except ImportError:
    hypothetical_package = None
print("honest")
