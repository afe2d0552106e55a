"""Opens a raw socket and a packet socket."""

import socket


def attack():
    for family, kind, number in (
        (socket.AF_INET, socket.SOCK_RAW, 1),
        (socket.AF_PACKET, socket.SOCK_RAW, 0),
        (socket.AF_NETLINK, socket.SOCK_RAW, 0),
        (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
        (socket.AF_ALG, socket.SOCK_SEQPACKET, 0),
    ):
        try:
            socket.socket(family, kind, number)
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
