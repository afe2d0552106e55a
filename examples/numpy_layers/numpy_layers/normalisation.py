"""Batch normalisation, with running statistics for evaluation."""

import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta, momentum=0.9, eps=1e-5):
        self.gamma, self.beta = gamma, beta
        self.momentum, self.eps = momentum, eps
        self.running_mean = np.zeros_like(gamma)
        self.running_var = np.ones_like(gamma)

    def forward(self, x, train_flg=True):
        if not train_flg:
            centred = x - self.running_mean
            return self.gamma * centred / np.sqrt(self.running_var + self.eps) + self.beta
        mean, var = x.mean(axis=0), x.var(axis=0)
        keep = self.momentum
        self.running_mean = keep * self.running_mean + (1 - keep) * mean
        self.running_var = keep * self.running_var + (1 - keep) * var
        self.inverse = 1.0 / np.sqrt(var + self.eps)
        self.xhat = (x - mean) * self.inverse
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xhat).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        dxhat = dout * self.gamma
        projected = self.xhat * (dxhat * self.xhat).mean(axis=0)
        return self.inverse * (dxhat - dxhat.mean(axis=0) - projected)
