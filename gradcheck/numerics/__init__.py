"""Differences with error bounds. NumPy only, pure, knows nothing of layers.

``probe`` holds one function at one point; ``stencil`` takes differences of it along directions;
``bounds`` says how wrong they can be; ``estimates`` chooses the best and contracts them;
``sketch`` accepts a correct gradient cheaply; ``regression`` and ``confirmation`` look again
before an accusation; ``comparison`` is the verdict.
"""

from gradcheck.numerics.comparison import WEAK, Comparison, Outcome, compare
from gradcheck.numerics.directional import Derivative, differentiate
from gradcheck.numerics.elementwise import Elements, differentiate_elements
from gradcheck.numerics.gradient import numerical_gradient
from gradcheck.numerics.probe import Forward, Probe, Pullback

__all__ = [
    "WEAK",
    "Comparison",
    "Derivative",
    "Elements",
    "Forward",
    "Outcome",
    "Probe",
    "Pullback",
    "compare",
    "differentiate",
    "differentiate_elements",
    "numerical_gradient",
]
