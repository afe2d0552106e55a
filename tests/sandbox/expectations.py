"""What is expected of every hostile hand-in: the table behind ``test_hostile``.

Of a file that is not named here its family says it all: the part of its name before the first
underscore. ``pass`` stands only where what is handed in is right, so that no forgery is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.sandbox.made_hand_ins import MADE
from tests.sandbox.world import HOSTILE

REFUSED = "refused"
"""Stands for a hand-in that is not checked at all: one clear line, exit code 2."""


@dataclass(frozen=True)
class Expected:
    """What the run of one hand-in must come to.

    ``verdicts`` are those that are accepted; each of ``words`` must be told, none of ``silent``.
    From ``level`` on the attack is held off; below it the file is not run at all, for it may
    succeed. ``seconds`` bounds the whole run, ``hole`` says what is known not to hold yet.
    """

    verdicts: frozenset[str] = frozenset({"fail", "error"})
    level: str = "none"
    words: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    seconds: float = 40.0
    hole: str = ""


def _accepting(verdicts: str, *words: str, level: str = "none", **more: object) -> Expected:
    return Expected(frozenset(verdicts.split()), level, words, **more)  # type: ignore[arg-type]


TIME = _accepting("error", "did not come to an end in time")
MEMORY = _accepting("error", "emory", level="basic")

FAMILIES: dict[str, Expected] = {
    # From inside its own process there is nothing to forge.
    "patch": _accepting("fail error refused"),
    "channel": _accepting("error refused"),
    "forge": _accepting("fail error refused inconclusive"),
    "return": _accepting("fail error"),
    "probe": _accepting("fail error"),
    "oracle": _accepting("fail error refused"),
    "print": _accepting("fail error"),
    "text": _accepting("fail error"),
    "trace": _accepting("fail error"),
    "import": _accepting("fail error refused"),
    "odd": _accepting("fail error"),
    "shadow": _accepting("fail"),
    # Accidents, each with its words.
    "hang": TIME,
    "memory": MEMORY,
    "crash": _accepting("error", "crashed the process", level="basic"),
    "exit": _accepting("error"),
    "raise": _accepting("error"),
    # Seccomp is enough.
    "file": _accepting("fail error", level="seccomp"),
    "net": _accepting("fail", level="seccomp"),
    "process": _accepting("fail error", level="seccomp"),
    "signal": _accepting("fail error", level="seccomp"),
    "system": _accepting("fail error", level="seccomp"),
    # Reading is for Landlock to refuse.
    "read": _accepting("fail error", level="strict"),
    "source": _accepting("fail error refused", level="basic"),
    "path": _accepting("fail refused"),
    "notebook": _accepting("fail refused"),
    "archive": _accepting("refused"),
    "honest": _accepting("pass"),
}

_ONE_IN = 18

SINGLE: dict[str, Expected] = {
    # Nothing to read there, at any level.
    **dict.fromkeys(
        ("read_environment", "read_own_memory", "read_reference_in_memory", "read_descriptors",
         "read_standard_input", "read_arguments", "read_expected_in_frames", "read_seed"),
        _accepting("fail"),
    ),
    **dict.fromkeys(
        ("read_parent_memory_by_call", "read_descriptor_of_grader", "read_system_v_memory",
         "read_keys"),
        _accepting("fail", level="seccomp"),
    ),
    "read_secret_in_exception": _accepting("error", "PermissionError", level="strict"),
    "read_secret_as_source": _accepting("error", "ZeroDivisionError"),
    # Numbers that tell nothing are no pass.
    **dict.fromkeys(
        ("return_nan_everywhere", "return_infinity", "probe_noise", "probe_name_of_loss",
         "probe_single_precision"),
        _accepting("fail error inconclusive"),
    ),
    "return_gigantic": _accepting("fail error", level="basic"),
    "return_gigantic_forward": _accepting("fail error", level="basic"),
    "return_really_large": _accepting("fail error", level="basic"),
    "return_million": _accepting("fail error", level="basic"),
    "return_changing_property": _accepting("fail", "dw is wrong"),
    # Right numbers, however they were found, are right.
    "probe_numeric_backward": _accepting("pass fail"),  # with h = 1e-5 the ninth digit is wrong
    "probe_complex_step": _accepting("pass"),
    "probe_batches": _accepting("fail", "gives another value"),
    **dict.fromkeys(
        ("probe_nearness_unknown_kind", "probe_tangent_unknown_kind", "probe_later_calls",
         "probe_changes_class", "probe_first_backward"),
        _accepting("fail", "gives another value in a fresh process"),
    ),
    "probe_each_process": _accepting("inconclusive", "gives another value in every process"),
    "probe_refuses_all_but_zero": _accepting("error", "expected zeros"),
    "probe_refuses_in_backward": _accepting("error", "this upstream gradient is not supported"),
    "probe_unfinished": _accepting("error not-attempted", "NotImplementedError"),
    "text_assume": _accepting("fail error refused"),
    "text_deep_traceback": _accepting("error", "ValueError: from below", "in deep"),
    "text_frames": _accepting("error", "ZeroDivisionError", silent=("gradcheck/runner.py",)),
    "odd_missing_package": _accepting("error", "tensorlow_hostile is not installed"),
    "odd_traceback": _accepting(
        "error", "line 12, in backward: return self.helper(dout)", "line 15, in helper",
        silent=("site-packages", "worker.py"),
    ),
    "odd_division": _accepting("error", "-12345.0 is not in list", "line 10, in backward"),
    "file_core_dump": _accepting("error fail", level="basic"),
    "file_many_open": _accepting("fail error", level="basic"),
    "file_numpy_save": _accepting("error", "PermissionError", level="seccomp"),
    "process_thread_goes_on": _accepting("fail error"),
    "process_many_threads": _accepting("fail error", level="basic"),
    "process_leaves_session": TIME,
    "process_stays_without_parent": TIME,
    # As the first process of a namespace it is not even reached by its own signals.
    **dict.fromkeys(
        ("signal_itself", "signal_own_group", "signal_terminal_interrupt", "crash_signals",
         "hang_stopped"),
        _accepting("error fail"),
    ),
    "system_other_calls": _accepting("fail error refused", level="seccomp"),
    "system_limits_raised": _accepting("error", "MemoryError", level="seccomp"),
    # Hangs while it is loaded.
    **dict.fromkeys(
        ("hang_import", "hang_import_sleep", "hang_metaclass"),
        _accepting("refused", "did not come to an end in time"),
    ),
    "hang_later": _accepting(
        "error", "did not come to an end in time", "in forward or backward with x ("
    ),
    "hang_exit_handler": _accepting("error", "SystemExit"),
    "hang_thread_at_exit": _accepting("error"),
    "hang_import_lock": _accepting("error"),
    "hang_endless_list": _accepting("error"),
    "hang_input": _accepting("error", "EOFError"),
    "memory_recursion": _accepting("error", "RecursionError", level="basic"),
    "memory_while_loading": _accepting("fail", "MemoryError", level="basic"),
    # The interpreter is slow in the making of lists, and slower in recursion without a limit.
    **dict.fromkeys(
        ("memory_recursion_unlimited", "memory_small_lists", "memory_swallowed"),
        _accepting("fail error", level="basic"),
    ),
    "memory_mapped": _accepting("error", "Cannot allocate memory", level="basic"),
    "crash_null": _accepting("error", "SIGSEGV"),
    "crash_abort": _accepting("error", "crashed the process"),
    "crash_while_loading": _accepting("refused", "SIGSEGV"),
    "crash_shape": _accepting("error", level="basic"),
    "crash_stack": _accepting("error", level="basic"),
    "crash_array": _accepting("error fail", level="basic"),
    "crash_bytecode": _accepting("error fail", level="basic"),
    "crash_exception_state": _accepting("error"),
    "shadow_parts": _accepting("fail", level="seccomp"),  # it signals the grader
    "shadow_site": _accepting("fail", level="seccomp"),  # it writes into folders
    "exit_as_ours": _accepting("error", "exit code 70", "a layer of ours did not in its place"),
    "exit_os": _accepting("error", "called exit", "exit code 0"),
    "exit_del": _accepting("error", "called exit"),
    "exit_late": _accepting("error", "called exit"),
    "exit_thread": _accepting("error", "called exit"),
    "exit_sys": _accepting("error", "SystemExit"),
    "exit_system_exit": _accepting("error", "SystemExit: verdict: pass"),
    "exit_init": _accepting("error", "SystemExit"),
    "exit_handler": _accepting("fail"),
    "exit_while_loading": _accepting("refused", "called exit"),
    "exit_while_loading_system_exit": _accepting("fail"),
    "raise_nothing": _accepting("error", "ValueError", "line 9, in backward"),
    "raise_keyboard_interrupt": _accepting("error", "KeyboardInterrupt"),
    "raise_keyboard_interrupt_while_loading": _accepting("fail refused", "KeyboardInterrupt"),
    "raise_str_hangs": TIME,
    "raise_str_exits": _accepting("error", "called exit"),
    "raise_while_loading": _accepting("fail", "RuntimeError"),
    "raise_warning_filters": _accepting("fail"),
    "raise_unfinished": _accepting("error not-attempted"),
    # Under that coding the comment is code, for Python too, and what it says is right.
    "source_escaping_coding": _accepting("pass refused"),
    "source_huge": _accepting("refused", "at most 1 MiB"),
    "source_null_bytes": _accepting("refused", "NUL"),
    "source_empty": _accepting("refused", "no layer found"),
    "source_comment": _accepting("refused", "no layer found"),
    "source_many_layers": _accepting(
        "error", "total_seconds", seconds=40.0
    ),
    **dict.fromkeys(
        ("path_link", "path_link_other", "path_link_endless", "path_link_circle"),
        _accepting("refused", "it is a link"),
    ),
    "path_many_files": _accepting("fail", "source_files"),
    "archive_bomb": _accepting("refused", "unpacked"),
    "archive_link": _accepting("refused", "is a link"),
}  # fmt: skip


def names() -> list[str]:
    """Return all hand-ins, those that lie in the repository and those that are made."""
    found = [one.name for one in HOSTILE.iterdir() if not one.name.startswith(("_", "."))]
    return sorted([*found, *MADE])


def some_of(every: bool) -> list[str]:
    """Return all hand-ins, or one in eighteen of each family, the first always."""
    if every:
        return names()
    families: dict[str, list[str]] = {}
    for name in names():
        families.setdefault(name.partition("_")[0], []).append(name)
    return [name for family in families.values() for name in family[::_ONE_IN]]


def expected_of(name: str) -> Expected:
    """Return what is expected of a hand-in."""
    bare = name.removesuffix(".py").removesuffix(".ipynb")
    return SINGLE.get(bare) or FAMILIES[bare.partition("_")[0]]


def levels_for(expected: Expected, offered: Iterable[str], every: bool) -> list[str]:
    """Return the levels at which to run: the best and the lowest that is enough, or all of those.

    ``offered`` are those of this machine, the weakest first.
    """
    order = list(offered)
    if expected.level not in order:
        return []
    enough = order[order.index(expected.level) :]
    chosen = {enough[-1]} if expected.level in ("none", "basic") else {enough[0], enough[-1]}
    return [one for one in enough if every or one in chosen]
