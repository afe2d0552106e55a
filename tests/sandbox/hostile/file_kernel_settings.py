"""Opens settings of the kernel and of its own process for writing (and writes nothing)."""

import os


def attack():
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/@GRADER@/oom_score_adj",
        "/proc/self/oom_score_adj",
        "/proc/self/uid_map",
        "/sys/fs/cgroup/cgroup.procs",
    ):
        try:
            os.close(os.open(path, os.O_WRONLY))
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
