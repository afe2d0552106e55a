"""``python -m gradcheck``."""

import os
import sys

# python -m puts the current folder before all others, and a hand-in there may have a numpy.py.
if sys.path[:1] in ([""], [os.getcwd()]) and not os.path.isdir(os.path.join("gradcheck", "report")):
    del sys.path[0]

from gradcheck.cli import main

if __name__ == "__main__":
    main()
