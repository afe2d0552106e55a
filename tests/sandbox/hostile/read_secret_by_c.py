"""Opens a private file by calls of libc: open, openat, openat2, creat, fopen, by handle."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    how = (ctypes.c_uint64 * 3)(0, 0, 0)
    path = b"@SECRET@"
    opened = [
        libc.open(path, 0),
        libc.openat(-100, path, 0),
        libc.syscall(2, path, 0, 0),
        libc.syscall(257, -100, path, 0, 0),
        libc.syscall(437, -100, path, ctypes.byref(how), 24),
    ]
    if libc.fopen(path, b"r"):
        return True
    for number in opened:
        if number >= 0:
            text = ctypes.create_string_buffer(64)
            libc.read(number, text, 64)
            print(text.value)
            return True
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
