"""
Layers of homework 4. Data is channels last: images are (batch, rows, columns, channels).

Every layer keeps three ordered dictionaries: parameters, cache, gradients. The sizes of the
parameters are known with the first batch.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict

import numpy as np


class Layer(ABC):
    """Abstract class of all layers."""

    def __init__(self):
        self.parameters = OrderedDict()
        self.cache = OrderedDict()
        self.gradients = OrderedDict()
        self.n_in = None

    @abstractmethod
    def forward(self, X):
        pass

    @abstractmethod
    def backward(self, dLdY):
        pass


class FullyConnected(Layer):
    """A fully-connected layer, Y = X W + b

    Parameters
    ----------
    n_out : integer, number of units
    """

    def __init__(self, n_out):
        super().__init__()
        self.n_out = n_out

    def _init_parameters(self, X_shape):
        self.n_in = X_shape[1]
        W = np.random.randn(self.n_in, self.n_out) * np.sqrt(2 / (self.n_in + self.n_out))
        b = np.zeros((1, self.n_out))
        self.parameters = OrderedDict({"W": W, "b": b})
        self.cache = OrderedDict({"Z": [], "X": []})
        self.gradients = OrderedDict({"W": np.zeros_like(W), "b": np.zeros_like(b)})

    def forward(self, X):
        """X : input matrix of shape (batch_size, input_dim) -> (batch_size, output_dim)"""
        if self.n_in is None:
            self._init_parameters(X.shape)
        out = X @ self.parameters["W"] + self.parameters["b"]
        self.cache["X"] = X
        return out

    def backward(self, dLdY):
        """dLdY : derivative of the loss with respect to the output -> derivative for the input"""
        X = self.cache["X"]
        self.gradients["W"] = X.T @ dLdY
        self.gradients["b"] = dLdY.sum(axis=0, keepdims=True)
        return dLdY @ self.parameters["W"].T


class Conv2D(Layer):
    """Convolution of channels-last images.

    Parameters
    ----------
    n_out : number of filters
    kernel_shape : rows and columns of the kernel
    stride : step
    pad : zeros on each side
    """

    def __init__(self, n_out, kernel_shape=(3, 3), stride=1, pad=0):
        super().__init__()
        self.n_out = n_out
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.pad = pad

    def _init_parameters(self, X_shape):
        self.n_in = X_shape[3]
        W = np.random.randn(*self.kernel_shape, self.n_in, self.n_out) * 0.1
        b = np.zeros((1, self.n_out))
        self.parameters = OrderedDict({"W": W, "b": b})
        self.gradients = OrderedDict({"W": np.zeros_like(W), "b": np.zeros_like(b)})

    def forward(self, X):
        if self.n_in is None:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        kh, kw = self.kernel_shape
        p, s = self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        out_rows = (X_pad.shape[1] - kh) // s + 1
        out_cols = (X_pad.shape[2] - kw) // s + 1
        out = np.empty((X.shape[0], out_rows, out_cols, self.n_out))
        for r in range(out_rows):
            for c in range(out_cols):
                window = X_pad[:, r * s : r * s + kh, c * s : c * s + kw, :]
                out[:, r, c, :] = np.einsum("nhwi,hwio->no", window, W) + b
        self.cache["X_pad"] = X_pad
        return out

    def backward(self, dLdY):
        W = self.parameters["W"]
        X_pad = self.cache["X_pad"]
        kh, kw = self.kernel_shape
        p, s = self.pad, self.stride
        dX = np.zeros_like(X_pad)
        dW = np.zeros_like(W)
        for r in range(dLdY.shape[1]):
            for c in range(dLdY.shape[2]):
                rows, cols = slice(r * s, r * s + kh), slice(c * s, c * s + kw)
                dW += np.einsum("nhwi,no->hwio", X_pad[:, rows, cols, :], dLdY[:, r, c, :])
                dX[:, rows, cols, :] += np.einsum("no,hwio->nhwi", dLdY[:, r, c, :], W)
        self.gradients["W"] = dW
        self.gradients["b"] = dLdY.sum(axis=(0, 1, 2)).reshape(1, -1)
        return dX[:, p : dX.shape[1] - p, p : dX.shape[2] - p, :]


class Pool2D(Layer):
    """Pooling layer, mode "max" or "average", channels last."""

    def __init__(self, kernel_shape=(2, 2), mode="max", stride=1, pad=0):
        super().__init__()
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.pad = pad
        self.mode = mode

    def forward(self, X):
        kh, kw = self.kernel_shape
        p, s = self.pad, self.stride
        X_pad = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        rows = (X_pad.shape[1] - kh) // s + 1
        cols = (X_pad.shape[2] - kw) // s + 1
        pool = np.max if self.mode == "max" else np.mean
        out = np.empty((X.shape[0], rows, cols, X.shape[3]))
        for r in range(rows):
            for c in range(cols):
                out[:, r, c] = pool(X_pad[:, r * s : r * s + kh, c * s : c * s + kw], axis=(1, 2))
        self.cache["X_pad"] = X_pad
        return out

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        p, s = self.pad, self.stride
        X_pad = self.cache["X_pad"]
        dX = np.zeros_like(X_pad)
        for n, r, c, k in np.ndindex(*dLdY.shape):
            patch = X_pad[n, r * s : r * s + kh, c * s : c * s + kw, k]
            if self.mode == "max":
                i, j = np.unravel_index(patch.argmax(), patch.shape)
                dX[n, r * s + i, c * s + j, k] += dLdY[n, r, c, k]
            else:
                dX[n, r * s : r * s + kh, c * s : c * s + kw, k] += dLdY[n, r, c, k] / (kh * kw)
        return dX[:, p : dX.shape[1] - p, p : dX.shape[2] - p, :]


# ----------------------------------------------------------------------------------------------
# Layers that collect gradients over several backward passes.


class LayerBase(ABC):
    def __init__(self, optimizer=None):
        self.X = []
        self.trainable = True
        self.optimizer = optimizer
        self.is_initialized = False
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}

    def flush_gradients(self):
        """Erase all the layer's derived variables and gradients."""
        self.X = []
        for name in self.derived_variables:
            self.derived_variables[name] = []
        for name, gradient in self.gradients.items():
            self.gradients[name] = np.zeros_like(gradient)


class Dense(LayerBase):
    def __init__(self, n_out, optimizer=None):
        r"""
        A dense layer.

        Notes
        -----
        .. math::

            \mathbf{Y} = \mathbf{X W} + \mathbf{b}

        Parameters
        ----------
        n_out : int
            The dimensionality of the layer output
        """
        super().__init__(optimizer)
        self.n_in = None
        self.n_out = n_out

    def _init_params(self):
        self.parameters["W"] = np.random.randn(self.n_in, self.n_out) / np.sqrt(self.n_in)
        self.parameters["b"] = np.zeros((1, self.n_out))
        self.gradients = {name: np.zeros_like(one) for name, one in self.parameters.items()}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        """
        X : :py:class:`ndarray` of shape `(n_ex, n_in)`
        Returns Y : :py:class:`ndarray` of shape `(n_ex, n_out)`
        """
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        if retain_derived:
            self.X.append(X)
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdy, retain_grads=True):
        """
        dLdy : :py:class:`ndarray` of shape `(n_ex, n_out)` or list of arrays
        Returns dLdX : :py:class:`ndarray` of shape `(n_ex, n_in)` or list of arrays
        """
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        for dy, x in zip(dLdy, self.X):
            dX.append(dy @ self.parameters["W"].T)
            if retain_grads:
                self.gradients["W"] += x.T @ dy
                self.gradients["b"] += dy.sum(axis=0, keepdims=True)
        return dX[0] if len(self.X) == 1 else dX


class LayerNorm1D(LayerBase):
    def __init__(self, epsilon=1e-5, optimizer=None):
        """
        A layer normalization layer for 1D inputs; the scaler and the intercept are learned.
        """
        super().__init__(optimizer)
        self.n_in = None
        self.epsilon = epsilon

    def _init_params(self):
        self.parameters = {"scaler": np.ones(self.n_in), "intercept": np.zeros(self.n_in)}
        self.gradients = {name: np.zeros_like(one) for name, one in self.parameters.items()}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        mean = X.mean(axis=1, keepdims=True)
        std = np.sqrt(X.var(axis=1, keepdims=True) + self.epsilon)
        if retain_derived:
            self.X = [X]
        return self.parameters["scaler"] * (X - mean) / std + self.parameters["intercept"]

    def backward(self, dLdy, retain_grads=True):
        (X,) = self.X
        mean = X.mean(axis=1, keepdims=True)
        std = np.sqrt(X.var(axis=1, keepdims=True) + self.epsilon)
        x_hat = (X - mean) / std
        if retain_grads:
            self.gradients["scaler"] += (dLdy * x_hat).sum(axis=0)
            self.gradients["intercept"] += dLdy.sum(axis=0)
        d = dLdy * self.parameters["scaler"]
        d = d - d.mean(axis=1, keepdims=True) - x_hat * (d * x_hat).mean(axis=1, keepdims=True)
        return d / std


class SquaredError:
    """Half the squared error, summed; called with the truth first."""

    def __call__(self, y, y_pred):
        return self.loss(y, y_pred)

    @staticmethod
    def loss(y, y_pred):
        return 0.5 * np.linalg.norm(y_pred - y) ** 2

    @staticmethod
    def grad(y, y_pred):
        return y_pred - y
