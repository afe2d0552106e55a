"""Returns an iterator without an end, with a length that lies."""

import itertools


class Endless:
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return Endless()

    def __iter__(self):
        return itertools.cycle([self])


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return Endless()
