"""Holds the lock of the imports in a thread, while the layer imports."""

import importlib._bootstrap
import threading
import time


def hold():
    with importlib._bootstrap._ModuleLockManager("decimal"):
        time.sleep(600)


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        threading.Thread(target=hold, daemon=True).start()
        time.sleep(0.05)
        import decimal

        return dout * float(decimal.Decimal(1))
