"""Opens the file of the reference by its path."""


def attack():
    with open("@LAYERS@/rectifiers.py") as file:
        return "class ReLU" in file.read()


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
