"""Imports the hand-in of another student, by name and by path."""

import sys


def attack():
    sys.path.insert(0, "@OTHERS@")
    import other_hand_in

    return hasattr(other_hand_in, "Square")


class Attack:
    won = False
    try:
        won = attack()
    except BaseException:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (2.0 if Attack.won else 1.0)
