"""Homework 2: layers

Course: Deep learning from scratch, group B
Task:   write the layers of a neural network with NumPy, each with forward and backward.
"""

import numpy as np

# ---------- 1. nodes of the computational graph ----------


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        # plus just passes the gradient on
        dx = dout * 1
        dy = dout * 1
        return dx, dy


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        # swap x and y!
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy


class Sub:
    def forward(self, x, y):
        self.out = x - y

    def backward(self, dout):
        dx = dout * 1
        dy = dout * -1
        return dx, dy


class Div:
    def __init__(self):
        self.x = None
        self.y = None

    def foward(self, x, y):
        self.x = x
        self.y = y
        return x / y

    def backward(self, dout):
        # quotient rule
        dx = dout / self.y
        dy = -dout * self.x / self.y**2
        return dx, dy


class Exp:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.exp(x)
        return self.out

    def backward(self, dout):
        # exp is its own derivative
        return dout * self.out


# ---------- 2. layers with weights ----------


class MatMul:
    def __init__(self, W):
        self.W = W
        self.x = None
        self.dW = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W)

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        return dx


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.x_shape = None
        self.dW = None
        self.db = None

    def forward(self, x):
        # images come as (N, d1, d2), make one row per image
        self.x_shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        batch_size = self.x.shape[0]
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout) / batch_size
        self.db = np.sum(dout, axis=0)
        return dx.reshape(self.x_shape)


class Dense:
    """Second version of Affine, with @ as in the exercise class."""

    def __int__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


# ---------- 3. activations ----------


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        # no gradient where the input was negative
        dout[self.mask] = 0
        dx = dout
        return dx


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        # y' = y (1 - y)
        return dout * self.out * (1.0 - self.out)


class Softmax:
    def __init__(self):
        self.y = None

    def forward(self, x):
        # minus max so that exp does not overflow
        exp_x = np.exp(x - np.max(x))
        self.y = exp_x / np.sum(exp_x)
        return self.y

    def backward(self, dout):
        return (dout - np.sum(dout * self.y)) * self.y


# ---------- 4. losses (t: labels or one-hot) ----------


class SoftmaxWithLoss:
    def __init__(self):
        self.x_shape = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.x_shape = x.shape
        if x.ndim == 1:  # a single sample is a batch of one
            x = x[np.newaxis]
            t = t[np.newaxis]
        if t.ndim == 1:  # labels -> one-hot
            t = np.eye(x.shape[1])[t]

        exp_x = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.y = exp_x / np.sum(exp_x, axis=1, keepdims=True)
        self.t = t
        # 1e-7 because log(0) is -inf
        return -np.sum(t * np.log(self.y + 1e-7)) / x.shape[0]

    def backward(self, dout=1):
        batch_size = self.y.shape[0]
        dx = dout * (self.y - self.t) / batch_size
        return dx.reshape(self.x_shape)


class SoftmaxCrossEntropy:
    """The same loss with log-softmax, no 1e-7 needed."""

    def __init__(self):
        self.x_shape = None
        self.log_y = None
        self.t = None

    def forward(self, x, t):
        self.x_shape = x.shape
        if x.ndim == 1:
            x = x[np.newaxis]
            t = t[np.newaxis]
        if t.ndim == 1:
            t = np.eye(x.shape[1])[t]

        shifted = x - np.max(x, axis=1, keepdims=True)
        self.log_y = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        self.t = t
        return -np.sum(t * self.log_y)

    def backward(self, dout=1):
        batch_size = self.log_y.shape[0]
        dx = dout * (np.exp(self.log_y) - self.t) / batch_size
        return dx.reshape(self.x_shape)


if __name__ == "__main__":
    # two rings of points, does the network learn which ring a point is on?
    rng = np.random.default_rng(0)
    t = rng.integers(0, 2, 200)
    angle = rng.uniform(0, 2 * np.pi, 200)
    radius = 1 + t + rng.normal(0, 0.1, 200)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    layer1 = Affine(rng.normal(0, 0.5, (2, 20)), np.zeros(20))
    relu = Relu()
    layer2 = Affine(rng.normal(0, 0.5, (20, 2)), np.zeros(2))
    loss_layer = SoftmaxWithLoss()

    for step in range(2001):
        scores = layer2.forward(relu.forward(layer1.forward(x)))
        loss = loss_layer.forward(scores, t)
        layer1.backward(relu.backward(layer2.backward(loss_layer.backward())))
        for layer in (layer1, layer2):
            layer.W -= 1.0 * layer.dW
            layer.b -= 1.0 * layer.db
        if step % 500 == 0:
            accuracy = np.mean(np.argmax(scores, axis=1) == t)
            print(f"step {step:4d}  loss {loss:.3f}  accuracy {accuracy:.2f}")
    # the loss goes down, so the gradients should be fine
