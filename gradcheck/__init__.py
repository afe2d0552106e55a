"""gradcheck: is a hand-written backward pass right, and if not, where and why.

Importing it is cheap: NumPy, Hypothesis, rich and the rest load with the first name that needs
them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck import strategies as strategies
    from gradcheck.api import check_chain as check_chain
    from gradcheck.api import check_layer as check_layer
    from gradcheck.assumptions import assume as assume
    from gradcheck.baseline.snapshot import compare_module as compare_module
    from gradcheck.baseline.snapshot import snapshot_module as snapshot_module
    from gradcheck.errors import GradcheckError as GradcheckError
    from gradcheck.errors import GradientCheckFailed as GradientCheckFailed
    from gradcheck.errors import UsageError as UsageError
    from gradcheck.findings import Finding as Finding
    from gradcheck.findings import Report as Report
    from gradcheck.functions import check_gradient as check_gradient
    from gradcheck.functions import check_hvp as check_hvp
    from gradcheck.functions import check_jvp as check_jvp
    from gradcheck.functions import check_vjp as check_vjp
    from gradcheck.modules import check_module as check_module
    from gradcheck.numerics import Derivative as Derivative
    from gradcheck.numerics import differentiate as differentiate
    from gradcheck.numerics import numerical_gradient as numerical_gradient
    from gradcheck.numerics import taylor_remainder as taylor_remainder
    from gradcheck.pytest_plugin.in_python import layer_tests as layer_tests
    from gradcheck.pytest_plugin.in_python import parametrize_layers as parametrize_layers
    from gradcheck.regressions.replaying import replay_case as replay_case
    from gradcheck.version import __version__ as __version__

_LAZY = {
    "Derivative": "gradcheck.numerics",
    "GradcheckError": "gradcheck.errors",
    "GradientCheckFailed": "gradcheck.errors",
    "UsageError": "gradcheck.errors",
    "Finding": "gradcheck.findings",
    "Report": "gradcheck.findings",
    "assume": "gradcheck.assumptions",
    "check_gradient": "gradcheck.functions",
    "check_hvp": "gradcheck.functions",
    "check_jvp": "gradcheck.functions",
    "check_chain": "gradcheck.api",
    "check_layer": "gradcheck.api",
    "check_module": "gradcheck.modules",
    "check_vjp": "gradcheck.functions",
    "compare_module": "gradcheck.baseline.snapshot",
    "snapshot_module": "gradcheck.baseline.snapshot",
    "differentiate": "gradcheck.numerics",
    "numerical_gradient": "gradcheck.numerics",
    "strategies": "gradcheck.strategies",
    "taylor_remainder": "gradcheck.numerics",
    "layer_tests": "gradcheck.pytest_plugin.in_python",
    "parametrize_layers": "gradcheck.pytest_plugin.in_python",
    "replay_case": "gradcheck.regressions.replaying",
    "__version__": "gradcheck.version",
}

__all__ = [
    "Derivative",
    "Finding",
    "GradcheckError",
    "GradientCheckFailed",
    "Report",
    "UsageError",
    "__version__",
    "assume",
    "check_chain",
    "check_gradient",
    "check_hvp",
    "check_jvp",
    "check_layer",
    "check_module",
    "check_vjp",
    "compare_module",
    "differentiate",
    "layer_tests",
    "numerical_gradient",
    "parametrize_layers",
    "replay_case",
    "snapshot_module",
    "strategies",
    "taylor_remainder",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    module = importlib.import_module(_LAZY[name])
    value = module if module.__name__ == f"gradcheck.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
