"""Right, and logs."""

import logging
import sys

log = logging.getLogger(__name__)


class Square:
    def forward(self, x):
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
        log.info("forward of %s", x.shape)
        self.x = x
        return x * x

    def backward(self, dout):
        sys.stderr.write("backward\n")
        return 2.0 * self.x * dout
