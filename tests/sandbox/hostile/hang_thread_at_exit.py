"""Leaves a thread that nobody may wait for, and ends."""

import sys
import threading
import time


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        threading.Thread(target=time.sleep, args=(600,)).start()
        sys.exit()
