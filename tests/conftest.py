"""Import ``tests`` as a package wherever pytest is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def pytest_addoption(parser):
    parser.addoption("--update-messages", action="store_true", help="write tests/messages anew")
