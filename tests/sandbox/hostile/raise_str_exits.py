"""Raises an exception whose text ends the process with success."""

import os


class Hostile(Exception):
    def __str__(self):
        os._exit(0)


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Hostile
