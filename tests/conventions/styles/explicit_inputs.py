"""Homework: a small framework in the style of Torch.

**Important!** Gradients accumulate; call zeroGradParameters before the next batch.
"""

import numpy as np


class Module:
    """
    Basically, you can think of a module as of a black box, which can process `input` data and
    produce `output` data.
    """

    def __init__(self):
        self.output = None
        self.gradInput = None
        self.training = True

    def forward(self, input):
        """
        Takes an input object, and computes the corresponding output of the module.
        """
        return self.updateOutput(input)

    def backward(self, input, gradOutput):
        """
        Performs a backpropagation step through the module, with respect to the given input.

        This includes
         - computing a gradient w.r.t. `input` (is needed for further backprop),
         - computing a gradient w.r.t. parameters (to update parameters while optimizing).
        """
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput)
        return self.gradInput

    def updateOutput(self, input):
        pass

    def updateGradInput(self, input, gradOutput):
        pass

    def accGradParameters(self, input, gradOutput):
        pass

    def zeroGradParameters(self):
        pass

    def getParameters(self):
        return []

    def getGradParameters(self):
        return []

    def train(self):
        self.training = True

    def evaluate(self):
        self.training = False


class Linear(Module):
    """
    A module which applies a linear transformation

    input:   batch_size x n_feats1
    output: batch_size x n_feats2
    """

    def __init__(self, n_in, n_out):
        super().__init__()
        stdv = 1.0 / np.sqrt(n_in)
        self.W = np.random.uniform(-stdv, stdv, size=(n_out, n_in))
        self.b = np.random.uniform(-stdv, stdv, size=n_out)
        self.gradW = np.zeros_like(self.W)
        self.gradb = np.zeros_like(self.b)

    def updateOutput(self, input):
        self.output = input @ self.W.T + self.b
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput @ self.W
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        self.gradW += gradOutput.T @ input
        self.gradb += gradOutput.sum(axis=0)

    def zeroGradParameters(self):
        self.gradW.fill(0)
        self.gradb.fill(0)

    def getParameters(self):
        return [self.W, self.b]

    def getGradParameters(self):
        return [self.gradW, self.gradb]

    def __repr__(self):
        s = self.W.shape
        return "Linear %d -> %d" % (s[1], s[0])


class ReLU(Module):
    def updateOutput(self, input):
        self.output = np.maximum(input, 0)
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = np.multiply(gradOutput, input > 0)
        return self.gradInput


class SoftMax(Module):
    def updateOutput(self, input):
        # start with normalization for numerical stability
        e = np.exp(np.subtract(input, input.max(axis=1, keepdims=True)))
        self.output = e / e.sum(axis=1, keepdims=True)
        return self.output

    def updateGradInput(self, input, gradOutput):
        p = self.updateOutput(input)
        self.gradInput = p * (gradOutput - np.sum(gradOutput * p, axis=1, keepdims=True))
        return self.gradInput


class BatchNormalization(Module):
    EPS = 1e-3

    def __init__(self, alpha=0.0):
        super().__init__()
        self.alpha = alpha
        self.moving_mean = None
        self.moving_variance = None

    def updateOutput(self, input):
        if self.training:
            mean, variance = input.mean(axis=0), input.var(axis=0)
            if self.moving_mean is None:
                self.moving_mean, self.moving_variance = mean, variance
            keep = self.alpha
            self.moving_mean = self.moving_mean * keep + mean * (1 - keep)
            self.moving_variance = self.moving_variance * keep + variance * (1 - keep)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        self.output = (input - mean) / np.sqrt(variance + self.EPS)
        return self.output

    def updateGradInput(self, input, gradOutput):
        if not self.training:
            self.gradInput = gradOutput / np.sqrt(self.moving_variance + self.EPS)
            return self.gradInput
        std = np.sqrt(input.var(axis=0) + self.EPS)
        normed = (input - input.mean(axis=0)) / std
        self.gradInput = gradOutput - gradOutput.mean(axis=0)
        self.gradInput = (self.gradInput - normed * np.mean(gradOutput * normed, axis=0)) / std
        return self.gradInput


class Dropout(Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.mask = None

    def updateOutput(self, input):
        if self.training:
            self.mask = (np.random.rand(*input.shape) > self.p) / (1 - self.p)
            self.output = input * self.mask
        else:
            self.output = input
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput * self.mask if self.training else gradOutput
        return self.gradInput


class Criterion:
    def __init__(self):
        self.output = None
        self.gradInput = None

    def forward(self, input, target):
        return self.updateOutput(input, target)

    def backward(self, input, target):
        return self.updateGradInput(input, target)


class MSECriterion(Criterion):
    def updateOutput(self, input, target):
        self.output = np.sum(np.power(input - target, 2)) / input.shape[0]
        return self.output

    def updateGradInput(self, input, target):
        self.gradInput = (input - target) * 2 / input.shape[0]
        return self.gradInput


class ClassNLLCriterion(Criterion):
    """
    Negative log-likelihood of log-probabilities, target is one-hot.
    """

    def updateOutput(self, input, target):
        self.output = -np.sum(target * input) / input.shape[0]
        return self.output

    def updateGradInput(self, input, target):
        self.gradInput = -target / input.shape[0]
        return self.gradInput
