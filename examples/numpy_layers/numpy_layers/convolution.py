"""Convolution of images (N, C, H, W), parameters and gradients in dictionaries."""

import numpy as np


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=0):
        rng = np.random.default_rng(0)
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.params = {"W": rng.standard_normal(shape) * 0.1, "b": np.zeros(out_channels)}
        self.grads = {}
        self.size, self.stride, self.padding = kernel_size, stride, padding

    def _windows(self, shape):
        """Yield row and column of each output pixel, and the slices of its window."""
        rows = (shape[2] - self.size) // self.stride + 1
        columns = (shape[3] - self.size) // self.stride + 1
        for row in range(rows):
            for column in range(columns):
                top, left = row * self.stride, column * self.stride
                yield row, column, slice(top, top + self.size), slice(left, left + self.size)

    def forward(self, x):
        pad = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        W, b = self.params["W"], self.params["b"]
        rows = (self.padded.shape[2] - self.size) // self.stride + 1
        columns = (self.padded.shape[3] - self.size) // self.stride + 1
        out = np.empty((len(x), len(W), rows, columns))
        for row, column, across, down in self._windows(self.padded.shape):
            window = self.padded[:, :, across, down]
            out[:, :, row, column] = np.tensordot(window, W, ([1, 2, 3], [1, 2, 3])) + b
        return out

    def backward(self, dout):
        W, pad = self.params["W"], self.padding
        dW, dx = np.zeros_like(W), np.zeros_like(self.padded)
        for row, column, across, down in self._windows(self.padded.shape):
            upstream = dout[:, :, row, column]
            dW += np.tensordot(upstream, self.padded[:, :, across, down], ([0], [0]))
            dx[:, :, across, down] += np.tensordot(upstream, W, ([1], [0]))
        self.grads["W"] = dW
        self.grads["b"] = dout.sum(axis=(0, 2, 3))
        return dx[:, :, pad : dx.shape[2] - pad, pad : dx.shape[3] - pad]
