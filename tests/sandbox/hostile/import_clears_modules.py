"""Clears sys.modules and what the interpreter keeps."""

import gc
import linecache
import sys


class Clear:
    for name in list(sys.modules):
        if name not in ("builtins", "sys"):
            del sys.modules[name]
    linecache.cache.clear()
    gc.disable()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
