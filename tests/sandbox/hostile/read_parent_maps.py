"""Reads where the memory of the grader is."""


def attack():
    with open("/proc/@GRADER@/maps") as file:
        return len(file.read(4096)) > 0


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
