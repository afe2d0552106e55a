"""Attacks when it is imported."""

import os


class Attack:
    done = False
    try:
        os.kill(int("@GRADER@"), 23)
        done = True
    except OSError:
        pass


done = Attack.done
