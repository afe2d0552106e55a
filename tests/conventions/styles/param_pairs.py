"""Mini framework without autograd (project 2).

Every Module implements forward(*input), backward(*gradwrtoutput) and param(), which returns a
list of pairs (parameter, gradient). Gradients accumulate until zero_grad().
"""

import math

import numpy as np


class Module:
    def forward(self, *input):
        raise NotImplementedError

    def backward(self, *gradwrtoutput):
        raise NotImplementedError

    def param(self):
        return []

    def zero_grad(self):
        for _, grad in self.param():
            grad.fill(0)


class Linear(Module):
    def __init__(self, in_features, out_features):
        bound = 1 / math.sqrt(in_features)
        self.weight = np.random.uniform(-bound, bound, (out_features, in_features))
        self.bias = np.zeros(out_features)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def forward(self, *input):
        (self.x,) = input
        return self.x @ self.weight.T + self.bias

    def backward(self, *gradwrtoutput):
        (grad,) = gradwrtoutput
        self.grad_weight += grad.T @ self.x
        self.grad_bias += grad.sum(0)
        return grad @ self.weight

    def param(self):
        return [(self.weight, self.grad_weight), (self.bias, self.grad_bias)]


class ReLU(Module):
    def forward(self, *input):
        (self.x,) = input
        return np.maximum(self.x, 0)

    def backward(self, *gradwrtoutput):
        (grad,) = gradwrtoutput
        return grad * (self.x > 0)


class Tanh(Module):
    def forward(self, *input):
        (x,) = input
        self.y = np.tanh(x)
        return self.y

    def backward(self, *gradwrtoutput):
        (grad,) = gradwrtoutput
        return grad * (1 - self.y**2)


class LossMSE(Module):
    def forward(self, output, target):
        self.error = output - target
        return (self.error**2).mean()

    def backward(self):
        return 2 * self.error / self.error.size


class Sequential(Module):
    def __init__(self, *modules):
        self.modules = modules

    def forward(self, *input):
        (x,) = input
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, *gradwrtoutput):
        (grad,) = gradwrtoutput
        for module in reversed(self.modules):
            grad = module.backward(grad)
        return grad

    def param(self):
        return [pair for module in self.modules for pair in module.param()]


model = Sequential(Linear(2, 25), ReLU(), Linear(25, 1), Tanh())
print("parameters:", sum(p.size for p, _ in model.param()))
