"""Reads what a layer has no business with: accounts, mounts, network, other users' names."""


def attack():
    for path in ("/etc/passwd", "/etc/shadow", "/etc/hosts", "/proc/mounts", "/proc/net/tcp"):
        try:
            if open(path).read(1):
                return True
        except OSError:
            pass
    return False


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
