"""Right, and imports modules of the standard library inside its methods."""


class Square:
    def forward(self, x):
        import decimal
        import fractions
        import json
        import statistics
        import xml.etree.ElementTree

        self.kept = (decimal, fractions, json, statistics, xml)
        self.x = x
        return x * x

    def backward(self, dout):
        import numpy.fft
        import numpy.polynomial
        import unittest.mock

        self.also = (numpy.fft, numpy.polynomial, unittest.mock)
        return 2.0 * self.x * dout
