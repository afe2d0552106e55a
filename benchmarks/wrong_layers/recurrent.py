"""Recurrent layers that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import forward_differs
from benchmarks.records import Wrong
from benchmarks.right_layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell, sigmoid


class RNNCellForgetsTanh(RNNCell):
    def backward(self, dh_next):
        self.h_next = np.zeros_like(self.h_next)
        return super().backward(dh_next)


class RNNCellStateWeightsOfInput(RNNCell):
    """The weights of the state are not transposed."""

    def backward(self, dh_next):
        dx, dh = super().backward(dh_next)
        return dx, dh_next * (1 - self.h_next**2) @ self.Wh


class RNNCellStateIsOutput(RNNCell):
    """dWh is made of the new state and not of the old one."""

    def backward(self, dh_next):
        found = super().backward(dh_next)
        self.dWh = self.h_next.T @ (dh_next * (1 - self.h_next**2))
        return found


class RNNCellBiasMean(RNNCell):
    def backward(self, dh_next):
        found = super().backward(dh_next)
        self.db = self.db / len(dh_next)
        return found


class RNNOverwrites(RNN):
    """Each step overwrites the weights' gradient: right for one step."""

    def step(self, t, dt):
        self.dWx = self.x[:, t].T @ dt
        self.dWh = self.h[:, t].T @ dt
        self.db = dt.sum(axis=0)


class RNNBiasOverwritten(RNN):
    def step(self, t, dt):
        db = dt.sum(axis=0)
        super().step(t, dt)
        self.db = db


class RNNNotCarried(RNN):
    """The gradient of the state does not reach the step before."""

    def carried(self, dt):
        return np.zeros_like(dt)


class RNNCarriedWithoutWeights(RNN):
    def carried(self, dt):
        return dt


class RNNLastStepOnly(RNN):
    """As if only the last state were an output."""

    def backward(self, dhs):
        last = np.zeros_like(dhs)
        last[:, -1] = dhs[:, -1]
        return super().backward(last)


class RNNStateOfSameStep(RNN):
    """dWh takes the state after the step."""

    def step(self, t, dt):
        super().step(t, dt)
        self.dWh += (self.h[:, t + 1] - self.h[:, t]).T @ dt


class RNNAveragesTime(RNN):
    def backward(self, dhs):
        dx = super().backward(dhs)
        T = dhs.shape[1]
        self.dWx, self.dWh, self.db = self.dWx / T, self.dWh / T, self.db / T
        return dx


class RNNTruncated(RNN):
    """Clips the gradient that is carried."""

    def carried(self, dt):
        return np.clip(super().carried(dt), -0.5, 0.5)


class LSTMGatesSwapped(LSTMCell):
    """Forget gate and input gate change places in backward."""

    def gates(self, dh, dc):
        di, df, dg, do = super().gates(dh, dc)
        return df, di, dg, do


class LSTMForgetOfNewCell(LSTMCell):
    def gates(self, dh, dc):
        x, h, c, i, f, g, o, tc = self.cache
        di, df, dg, do = super().gates(dh, dc)
        return di, dc * np.arctanh(tc) * f * (1 - f), dg, do


class LSTMCandidateSigmoid(LSTMCell):
    """The candidate is taken for a sigmoid."""

    def gates(self, dh, dc):
        x, h, c, i, f, g, o, tc = self.cache
        di, df, dg, do = super().gates(dh, dc)
        return di, df, dc * i * g * (1 - g), do


class LSTMOutputWithoutTanh(LSTMCell):
    def backward(self, dh_next, dc_next):
        x, h, c, i, f, g, o, tc = self.cache
        extra = dh_next * o * tc**2
        return super().backward(dh_next, dc_next + extra)


class LSTMCellIgnored(LSTMCell):
    """The gradient of the next cell is left out."""

    def backward(self, dh_next, dc_next):
        return super().backward(dh_next, 0 * dc_next)


class LSTMCellNotForgotten(LSTMCell):
    def previous(self, dc, f):
        return dc


class LSTMAddsNothing(LSTM):
    """The first step's weights only."""

    def add(self, cell):
        self.dWx, self.dWh, self.db = cell.dWx, cell.dWh, cell.db


class LSTMForwardSigmoid(LSTMCell):
    """The new state goes through a sigmoid; backward does not know."""

    def forward(self, x, h, c):
        h_next, c_next = super().forward(x, h, c)
        return self.cache[6] * sigmoid(c_next), c_next


class GRUResetForgotten(GRUCell):
    def through_reset(self, drh, r):
        return drh


class GRUWithoutReset(GRUCell):
    """The path through the reset gate is missing."""

    def through_reset(self, drh, r):
        return 0 * drh


class GRUUpdateInverted(GRUCell):
    """Keeps (1 - z) of the old state in backward."""

    def backward(self, dh_next):
        dx, dh = super().backward(dh_next)
        z = self.cache[3]
        return dx, dh + dh_next * (1 - 2 * z)


class GRUStateOverwritten(GRU):
    def backward(self, dhs):
        dx, dh = super().backward(dhs)
        self.dWh = self.steps[0].dWh
        return dx, dh


class RNNCellOfSigmoid(RNNCell):
    """Forward and backward are those of a sigmoid."""

    def forward(self, x, h):
        self.x, self.h = x, h
        self.h_next = sigmoid(x @ self.Wx + h @ self.Wh + self.b)
        return self.h_next

    def backward(self, dh_next):
        dt = dh_next * self.h_next * (1 - self.h_next)
        self.db, self.dWh, self.dWx = dt.sum(axis=0), self.h.T @ dt, self.x.T @ dt
        return dt @ self.Wx.T, dt @ self.Wh.T


_GATE = ("*gate*", "*order*", "*permut*", "*block*", "*swap*")
_QUANTITY = ("*quantity*", "*mutant*", "*derivative*", "*gate*", "*block*")

WRONG = (
    Wrong(
        RNNCellForgetsTanh,
        "rnn-cell",
        bug="path missing",
        names=("*tanh*", "*derivative*", "*mutant*"),
    ),
    Wrong(RNNCellStateWeightsOfInput, "rnn-cell", bug="transposed"),
    Wrong(RNNCellStateIsOutput, "rnn-cell", bug="wrong quantity"),
    Wrong(RNNCellBiasMean, "rnn-cell", bug="constant factor", names=("factor-1/N",)),
    Wrong(RNNOverwrites, "rnn", bug="overwritten"),
    Wrong(RNNBiasOverwritten, "rnn", bug="overwritten"),
    Wrong(RNNNotCarried, "rnn", bug="path missing"),
    Wrong(
        RNNCarriedWithoutWeights,
        "rnn",
        bug="path missing",
        names=("*weight*", "*Wh*", "*carried*", "*mutant*"),
    ),
    Wrong(RNNLastStepOnly, "rnn", bug="only last step"),
    Wrong(
        RNNStateOfSameStep,
        "rnn",
        bug="off by one",
        names=("*shift*", "*step*", "*off-by*", "*mutant*"),
    ),
    Wrong(RNNAveragesTime, "rnn", bug="constant factor", names=("factor-1/T",)),
    Wrong(
        RNNTruncated,
        "rnn",
        bug="upstream ignored",
        names=("only-before-last-T", "only-when-T>1", "upstream-not-linear", "*clip*"),
    ),
    Wrong(LSTMGatesSwapped, "lstm-cell", bug="wrong order", names=_GATE),
    Wrong(LSTMForgetOfNewCell, "lstm-cell", bug="wrong quantity", names=_QUANTITY),
    Wrong(LSTMCandidateSigmoid, "lstm-cell", bug="wrong quantity", names=_QUANTITY),
    Wrong(
        LSTMOutputWithoutTanh,
        "lstm-cell",
        bug="path missing",
        names=("*tanh*", "*derivative*", "*mutant*"),
    ),
    Wrong(
        LSTMCellIgnored,
        "lstm-cell",
        bug="upstream ignored",
        names=("*cell*", "*path*", "*upstream*", "*mutant*"),
    ),
    Wrong(
        LSTMCellNotForgotten,
        "lstm-cell",
        bug="path missing",
        names=("*forget*", "*gate*", "*mutant*"),
    ),
    Wrong(LSTMAddsNothing, "lstm", bug="overwritten"),
    Wrong(
        LSTMForwardSigmoid, "lstm-cell", bug="wrong quantity", names=("forward-differs", *_QUANTITY)
    ),
    Wrong(
        GRUResetForgotten, "gru-cell", bug="path missing", names=("*reset*", "*gate*", "*mutant*")
    ),
    Wrong(GRUWithoutReset, "gru-cell", bug="path missing"),
    Wrong(GRUUpdateInverted, "gru-cell", bug="wrong quantity", names=("*update*", *_QUANTITY)),
    Wrong(GRUStateOverwritten, "gru", bug="overwritten"),
    Wrong(RNNCellOfSigmoid, "rnn-cell", bug="forward wrong", shows=forward_differs),
)
