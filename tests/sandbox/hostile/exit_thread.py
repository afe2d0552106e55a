"""Ends with success from another thread, a moment later."""

import os
import threading


class Square:
    def forward(self, x):
        threading.Timer(0.05, os._exit, args=(0,)).start()
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
