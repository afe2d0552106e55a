"""Differences with error bounds. NumPy only, pure, knows nothing of layers.

``probe`` holds one function at one point; ``stencil`` takes differences of it along directions;
``bounds`` says how wrong they can be; ``estimates`` chooses the best and contracts them;
``sketch`` accepts a correct gradient cheaply; ``regression`` and ``confirmation`` look again
before an accusation; ``comparison`` is the verdict; ``precision`` and ``thorough`` push its
resolution; ``location`` finds the wrong elements.
"""

from gradcheck.numerics.comparison import WEAK, Comparison, Mode, Outcome, compare
from gradcheck.numerics.directional import Derivative, differentiate
from gradcheck.numerics.elementwise import Elements, differentiate_elements
from gradcheck.numerics.gradient import numerical_gradient
from gradcheck.numerics.joint import agree_jointly
from gradcheck.numerics.location import locate
from gradcheck.numerics.probe import Forward, Probe, Pullback
from gradcheck.numerics.taylor import TaylorRemainder, taylor_remainder

__all__ = [
    "WEAK",
    "Comparison",
    "Derivative",
    "Elements",
    "Forward",
    "Mode",
    "Outcome",
    "Probe",
    "Pullback",
    "TaylorRemainder",
    "agree_jointly",
    "compare",
    "differentiate",
    "differentiate_elements",
    "locate",
    "numerical_gradient",
    "taylor_remainder",
]
