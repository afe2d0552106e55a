"""Writes into the log of the system."""

import syslog


def attack():
    import socket

    syslog.syslog("gradcheck_hostile")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.connect("/dev/log")
    line.send(b"gradcheck_hostile")
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
