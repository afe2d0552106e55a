"""Which system calls a confined process may make: a list of what is allowed, and its numbers.

Recorded from what Python and NumPy do (start, lazy imports, matmul, svd, FFT, random numbers,
threads, exceptions, running out of memory; glibc and musl), and then read call by call: what could
start, stop or change anything outside the process is left out or allowed by its arguments only
(:mod:`gradcheck.sandbox.seccomp`). Whatever is not here is answered with EPERM.
"""

from __future__ import annotations

from gradcheck.sandbox.system_calls import AARCH64, X86_64

# A name, its number on x86-64, its number on aarch64; "-" where the architecture has no such call.
ALWAYS = """
# descriptors that are open already
read 0 63
write 1 64
readv 19 65
writev 20 66
pread64 17 67
pwrite64 18 68
preadv 295 69
pwritev 296 70
lseek 8 62
close 3 57
close_range 436 436
dup 32 23
dup2 33 -
dup3 292 24
pipe 22 -
pipe2 293 59
# to end
exit 60 93
exit_group 231 94
restart_syscall 219 128
# memory
brk 12 214
mmap 9 222
munmap 11 215
mremap 25 216
mprotect 10 226
madvise 28 233
# threads of this process
futex 202 98
futex_waitv 449 449
futex_wake 454 454
futex_wait 455 455
futex_requeue 456 456
map_shadow_stack 453 453
set_robust_list 273 99
set_tid_address 218 96
rseq 334 293
membarrier 324 283
sched_yield 24 124
sched_getaffinity 204 123
sched_getscheduler 145 120
sched_getparam 143 121
sched_get_priority_max 146 125
sched_get_priority_min 147 126
getpriority 140 141
getcpu 309 168
# how it takes signals, and its own timers
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
rt_sigpending 127 136
rt_sigtimedwait 128 137
rt_sigsuspend 130 133
sigaltstack 131 132
pause 34 -
alarm 37 -
getitimer 36 102
setitimer 38 103
wait4 61 260
waitid 247 95
# clocks
clock_gettime 228 113
clock_getres 229 114
clock_nanosleep 230 115
nanosleep 35 101
gettimeofday 96 169
time 201 -
times 100 153
# waiting for descriptors
poll 7 -
ppoll 271 73
select 23 -
pselect6 270 72
epoll_create 213 -
epoll_create1 291 20
epoll_ctl 233 21
epoll_wait 232 -
epoll_pwait 281 22
epoll_pwait2 441 441
eventfd2 290 19
# the channel to the grader, which is connected already
sendmsg 46 211
recvmsg 47 212
recvfrom 45 207
getsockname 51 204
getpeername 52 205
getsockopt 55 209
shutdown 48 210
# looking at files: which, is for Landlock to say
stat 4 -
lstat 6 -
fstat 5 80
newfstatat 262 79
statx 332 291
statfs 137 43
fstatfs 138 44
access 21 -
faccessat 269 48
faccessat2 439 439
readlink 89 -
readlinkat 267 78
getdents 78 -
getdents64 217 61
getcwd 79 17
fadvise64 221 223
# who and where it is
getpid 39 172
getppid 110 173
gettid 186 178
getuid 102 174
geteuid 107 175
getgid 104 176
getegid 108 177
getresuid 118 148
getresgid 120 150
getgroups 115 158
getpgid 121 155
getpgrp 111 -
getsid 124 156
uname 63 160
sysinfo 99 179
getrusage 98 165
getrlimit 97 163
getrandom 318 278
umask 95 166
"""

# Looked at by their arguments, or answered with ENOSYS so that libc takes the older call.
BY_ARGUMENTS = """
open 2 -
openat 257 56
openat2 437 437
clone 56 220
clone3 435 435
kill 62 129
tgkill 234 131
prctl 157 167
ioctl 16 29
fcntl 72 25
prlimit64 302 261
sendto 44 206
"""

# Calls above this number are younger than the list. They get ENOSYS, "no such call", which libc
# answers by falling back on an older one; EPERM would be taken as final.
NEWEST_KNOWN = 462


def numbers(table: str, architecture: str) -> dict[str, int]:
    """Return the calls of a table that the architecture has, with their numbers, in order."""
    column = {X86_64: 1, AARCH64: 2}[architecture]
    rows = [line.split() for line in table.splitlines() if line and not line.startswith("#")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
