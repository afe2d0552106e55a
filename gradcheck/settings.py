"""What a run may be told: one frozen record, the same for library, command line and pytest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gradcheck.assumptions import Assumptions, assumed_of, assumptions_from
from gradcheck.errors import UsageError, nearest
from gradcheck.hints import HINTS
from gradcheck.profiles import PROFILES, fresh_seed, merged
from gradcheck.waivers import Waiver, waivers_from

MODES = ("fast", "thorough", "elementwise")
LEVELS = ("none", "basic", "seccomp", "strict", "namespaces")
"""How well a worker is confined, the weakest first (docs/isolation.md)."""
ISOLATE = ("", "best", *LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much is drawn, from which seed, and what counts.

    ``examples`` cases are drawn for each layer; ``select`` and ``ignore`` name checks by name,
    code or code prefix; ``fail`` those (or ``suspicious``, ``style``) whose remarks are
    failures; ``preview`` adds the checks that are still tried out; ``strict`` makes failures of
    all remarks, textbook approximations and an ignored upstream gradient among them; ``mode``
    is how sharply gradients are compared (``MODES``); ``shrink_seconds`` bounds the search for
    the smallest case of one fault; ``hints`` is how much is told of a fault (``HINTS``),
    ``waivers`` the faults that are accepted; ``save_regressions`` is a folder that keeps
    failing cases, which are then checked first; ``keep_cases`` leaves them in the findings too;
    ``run_module`` says that the scripts of a file run too; ``isolate`` runs code under check in
    a worker process, confined as well as the machine can (``best``) or as named, ``require`` is
    the level below which nothing is run, and ``limits`` are those of
    :class:`gradcheck.sandbox.limits.Limits` that differ; ``assume`` is what is taken as given
    about all layers, ``layers`` about single ones by name.
    """

    examples: int = 60
    seed: int = 0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail: tuple[str, ...] = ()
    preview: bool = False
    strict: bool = False
    mode: str = "fast"
    dtypes: tuple[str, ...] = ("float64",)
    shrink_seconds: float = 2.0
    hints: str = "fix"
    waivers: tuple[Waiver, ...] = ()
    save_regressions: str = ""
    keep_cases: bool = False
    run_module: bool = False
    isolate: str = ""
    require: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    assume: Assumptions = field(default_factory=Assumptions)
    layers: Mapping[str, Assumptions] = field(default_factory=dict)
    profile: str = ""

    def assumed_for(self, symbol: str, thing: Any = None) -> Assumptions:
        """Return what is assumed of one layer: for it alone, by its decorator, for all."""
        own = self.layers.get(symbol, Assumptions())
        marked = Assumptions() if self.isolate else assumed_of(thing)  # not a stranger's own
        return own.over(marked).over(self.assume)

    def __post_init__(self) -> None:
        closed = (
            ("mode", MODES),
            ("hints", HINTS),
            ("profile", ("", *PROFILES)),
            ("isolate", ISOLATE),
            ("require", ("", *LEVELS)),
        )
        for name, known in closed:
            given = getattr(self, name)
            if given not in known:
                words = [one for one in known if one]
                near = nearest(str(given), words)
                raise UsageError(f"no {name} {given!r}{near}. Known: {', '.join(words)}")

    def as_mapping(self) -> Mapping[str, Any]:
        """Return the settings for the report."""
        told = asdict(self)
        told["assume"] = {name: value for name, value in told["assume"].items() if value}
        told["waivers"] = [asdict(one) for one in self.waivers]
        told["layers"] = {
            name: {key: value for key, value in one.items() if value}
            for name, one in told["layers"].items()
        }
        return told


def settings_from(options: Mapping[str, Any]) -> Settings:
    """Return the settings that a caller's keywords ask for.

    Raises
    ------
    UsageError
        A keyword is no setting; the nearest one is offered.
    """
    known = Settings.__slots__
    for name in options:
        if name not in known:
            raise UsageError(f"unknown option {name!r}{nearest(name, known)}")
    options = merged(options)
    if options.get("seed", 0) is None:
        options["seed"] = fresh_seed()
    plain: dict[str, Any] = {
        name: (value,)
        if name in ("select", "ignore", "fail", "dtypes") and isinstance(value, str)
        else tuple(value)
        if isinstance(value, list)
        else value
        for name, value in options.items()
    }
    if not all(isinstance(one, Waiver) for one in plain.get("waivers", ())):
        plain["waivers"] = waivers_from(list(plain["waivers"]), "waivers")
    isolate = plain.get("isolate", "")
    plain["isolate"] = isolate if isinstance(isolate, str) else "best" if isolate else ""
    plain["save_regressions"] = str(plain.get("save_regressions") or "")
    if isinstance(plain.get("assume"), Mapping):
        plain["assume"] = assumptions_from(plain["assume"])
    if "layers" in plain:
        plain["layers"] = {
            name: one if isinstance(one, Assumptions) else assumptions_from(one, name)
            for name, one in plain["layers"].items()
        }
    return Settings(**plain)
