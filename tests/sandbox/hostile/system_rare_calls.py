"""Makes rare system calls, each with arguments that do no harm: one that is allowed wins."""

import ctypes

CALLS = {
    "bpf": (321, 0, None, 0),
    "perf_event_open": (298, (ctypes.c_uint32 * 32)(1, 128), 0, -1, -1, 0),
    "userfaultfd": (323, 1),
    "fanotify_init": (300, 0, 0),
    "add_key": (248, b"user", b"gradcheck_hostile", b"x", 1, -3),
    "init_module": (175, b"", 0, b""),
    "sethostname": (170, b"", 0),
    "swapon": (167, b"", 0),
    "acct": (163, b""),
    "modify_ldt": (154, 0, (ctypes.c_char * 64)(), 64),
    "quotactl": (179, 0, b"", 0, None),
    "name_to_handle_at": (303, -100, b"/", (ctypes.c_int * 34)(128), (ctypes.c_int * 1)(), 0),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "mq_open": (240, b"gradcheck_hostile", 0o100, 0o600, None),
    "semget": (64, 0, 1, 0o1600),
    "msgget": (68, 0, 0o1600),
    "iopl": (172, 0),
    "memfd_secret": (447, 0),
}


def attack():
    libc = ctypes.CDLL(None)
    allowed = [name for name, call in CALLS.items() if libc.syscall(*call) >= 0]
    print(allowed)
    return bool(allowed)


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
