"""Returns a buffer from ctypes whose memory is already free."""

import ctypes


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        memory = (ctypes.c_double * dout.size)()
        address = ctypes.addressof(memory)
        del memory
        return memoryview((ctypes.c_double * dout.size).from_address(address))
