import numpy as np


class Linear:
    def __init__(self, in_features, out_features, debug=False):
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        return A @ self.W.T + self.b.T

    def backward(self, dLdZ):
        self.dLdW = self.A.T @ dLdZ
        self.dLdb = np.sum(dLdZ, axis=0).reshape(-1, 1)
        return dLdZ @ self.W


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self):
        s = 1 / (1 + np.exp(-self.A))
        return s * (1 - s)


class Tanh:
    def forward(self, Z):
        self.Z = Z
        return np.tanh(Z)

    def backward(self):
        return 1 - np.tanh(self.Z)


class MSELoss:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        return np.sum((A - Y) ** 2) / (self.N * self.C)

    def backward(self):
        return (self.A - self.Y) / (self.N * self.C)


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N = A.shape[0]
        self.softmax = np.exp(A) / np.sum(np.exp(A), axis=1, keepdims=True)
        return np.sum(-Y * np.log(self.softmax)) / self.N

    def backward(self):
        return (self.Y - self.softmax) / self.N


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        self.Z = Z
        self.N = Z.shape[0]
        if eval:
            self.NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            return self.BW * self.NZ + self.Bb
        self.M = np.mean(Z, axis=0, keepdims=True)
        self.V = np.var(Z, axis=0, keepdims=True)
        self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)
        dLdNZ = dLdBZ * self.BW
        centred = dLdNZ - dLdNZ.mean(axis=0) - self.NZ * (dLdNZ * self.NZ).mean(axis=0)
        return centred / np.sqrt(self.V + self.eps)


class Conv1d:
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding=0,
        weight_init_fn=None,
        bias_init_fn=None,
    ):
        self.stride, self.pad, self.kernel_size = stride, padding, kernel_size
        shape = (out_channels, in_channels, kernel_size)
        self.W = (
            np.random.normal(0, 1.0, shape) if weight_init_fn is None else weight_init_fn(*shape)
        )
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)

    def forward(self, A):
        """A (np.array): (batch_size, in_channels, input_size)"""
        self.A = np.pad(A, ((0, 0), (0, 0), (self.pad, self.pad)))
        K, s = self.kernel_size, self.stride
        T = (self.A.shape[2] - K) // s + 1
        Z = np.zeros((A.shape[0], self.W.shape[0], T))
        for t in range(T):
            Z[:, :, t] = np.einsum("nck,fck->nf", self.A[:, :, t * s : t * s + K], self.W) + self.b
        return Z

    def backward(self, dLdZ):
        K, s = self.kernel_size, self.stride
        self.dLdW = np.zeros(self.W.shape)
        self.dLdb = dLdZ.sum(axis=(0, 2))
        dLdA = np.zeros(self.A.shape)
        for t in range(dLdZ.shape[2]):
            self.dLdW += np.einsum("nf,nck->fck", dLdZ[:, :, t], self.A[:, :, t * s : t * s + K])
            dLdA[:, :, t * s : t * s + K] = np.einsum("nf,fck->nck", dLdZ[:, :, t], self.W)
        return dLdA[:, :, self.pad : dLdA.shape[2] - self.pad]
