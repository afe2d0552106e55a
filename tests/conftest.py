"""Import ``tests`` as a package wherever pytest is started."""

import os
import sys
from pathlib import Path

# Before NumPy is loaded: workers share the cores already, and the arrays are small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

sys.path.insert(0, str(Path(__file__).parent.parent))


def pytest_addoption(parser):
    parser.addoption("--update-messages", action="store_true", help="write tests/messages anew")
