"""Attaches a segment of shared memory of another process."""

from multiprocessing import shared_memory


def attack():
    print(bytes(shared_memory.SharedMemory("@SHM@").buf[:64]))
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
