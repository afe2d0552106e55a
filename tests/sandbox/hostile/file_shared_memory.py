"""Makes a segment of shared memory that stays."""

from multiprocessing import shared_memory


def attack():
    shared_memory.SharedMemory("gradcheck_hostile_segment", create=True, size=4096)
    return True


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
