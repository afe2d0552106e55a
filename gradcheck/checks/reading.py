"""Faults that are seen when a layer is read: the texts that explain them."""

from __future__ import annotations

UNUSABLE = """The layer could not be called, so nothing is known about it.

What it finds: a constructor with arguments that no array or option of the kind of layer
fits, or a forward that takes another number of inputs.
Why it matters: a layer that was not checked must not look like one that passed.
A wrong layer: none; this says that the tool needs a word more.
How to repair it: give the argument a default, name the kind or the signature, or check an
object: ``check_layer(instance, *inputs)``.
Limits: exit code 2 where no layer of the files could be called, 1 beside others.
"""

MISSPELT = """A method was meant to be ``forward`` or ``backward`` and is spelt otherwise.

What it finds: a class with one of the two, and a near miss of the other.
Why it matters: Python never says a word; the method is simply not there.
A wrong layer: ``def foward(self, x)``.
How to repair it: rename the method.
Limits: only near misses are recognised.
"""

MISSING = """A layer has forward or backward, but not both.

What it finds: a class named like a known layer with only one of the two methods.
Why it matters: without backward there is no gradient to train with.
A wrong layer: an unfinished one.
How to repair it: write the other method.
Limits: classes whose name says nothing are passed over.
"""

NEVER_RAN = """The constructor is misspelt, so it never runs.

What it finds: a class without ``__init__`` and with a near miss of it.
Why it matters: the parameters are never stored; the error comes later, from elsewhere.
A wrong layer: ``def __int__(self, W, b)``, or ``_init_`` with single underscores.
How to repair it: two underscores on each side: ``__init__``.
Limits: only near misses are recognised.
"""

SELF_MISSING = """A method speaks of ``self`` and does not take it.

What it finds: ``forward`` or ``backward`` without ``self`` as its first argument.
Why it matters: Python passes the layer itself as the first argument, so the input arrives in
another place, or the call fails with a count of arguments that is off by one.
A wrong layer: ``def forward(x):`` in a class.
How to repair it: ``def forward(self, x):``.
Limits: only where the method uses the name ``self``.
"""

TIMES_OUT = """A layer did not come to an end within its time.

What it finds: under ``--isolate``, a call, or the reading of the file, that takes longer than its
limit of wall time or of processor time; the message names the call, its shapes and the limit.
Why it matters: a loop that never ends must not keep others waiting, and is no right answer.
A wrong layer: ``while error > 0:`` with an error that never becomes zero.
How to repair it: find the loop that does not end. A layer that is right and slow needs another
limit: ``--limit request_seconds=10``.
Limits: only in a process of its own; without ``--isolate`` such a layer hangs. A call that had less
than half of the time on a processor is tried once more, alone.
"""

STOPS = """A layer ended the process that it ran in, or did not answer as a layer does.

What it finds: under ``--isolate``, a process that called exit, crashed, ran out of memory, or sent
what is no answer to what was asked.
Why it matters: no gradient came back, so nothing is known about it, and it is no pass.
A wrong layer: ``sys.exit()`` or ``os._exit(0)`` in forward; an index through ctypes; an array of a
hundred gigabytes.
How to repair it: raise an exception, return arrays, and give the shape of a large array a second
look. ``--limit memory_bytes=4e9`` allows more memory.
Limits: only in a process of its own; without ``--isolate`` the whole run ends.
"""
