"""Leaves its session and process group, so that a kill of the group misses it."""

import os
import time


class Square:
    def forward(self, x):
        for way in (os.setsid, os.setpgrp, lambda: os.setpgid(0, os.getpgid(os.getppid()))):
            try:
                way()
            except OSError:
                pass
        return x * x

    def backward(self, dout):
        time.sleep(60)
