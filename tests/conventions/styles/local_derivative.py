import numpy as np


class Linear:
    def __init__(self, in_features, out_features, debug=False):
        """
        Initialize the weights and biases with zeros

        Checkout np.zeros function.
        Read the writeup to identify the right shapes for all.
        """
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        """
        :param A: Input to the linear layer with shape (N, C0)
        :return: Output Z of linear layer with shape (N, C1)
        """
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        Z = self.A @ self.W.T + self.Ones @ self.b.T
        return Z

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Ones
        if self.debug:
            self.dLdA = dLdA
        return dLdA


class Identity:
    def forward(self, Z):
        self.A = Z
        return self.A

    def backward(self):
        return np.ones(self.A.shape, dtype=self.A.dtype)


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self):
        dAdZ = self.A - self.A * self.A
        return dAdZ


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self):
        dAdZ = 1 - self.A**2
        return dAdZ


class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self):
        dAdZ = np.where(self.A > 0, 1.0, 0.0)
        return dAdZ


class Softmax:
    def forward(self, Z):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.A = E / np.sum(E, axis=1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        N, C = dLdA.shape
        dLdZ = np.zeros((N, C))
        for i in range(N):
            J = np.zeros((C, C))
            for m in range(C):
                for n in range(C):
                    if m == n:
                        J[m, n] = self.A[i, m] * (1 - self.A[i, m])
                    else:
                        J[m, n] = -self.A[i, m] * self.A[i, n]
            dLdZ[i, :] = dLdA[i, :] @ J
        return dLdZ


class MSELoss:
    def forward(self, A, Y):
        """
        Calculate the Mean Squared error

        :param A: Output of the model of shape (N, C)
        :param Y: Ground-truth values of shape (N, C)
        :Return: MSE Loss (scalar)
        """
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        se = (self.A - self.Y) * (self.A - self.Y)
        sse = np.ones((1, self.N)) @ se @ np.ones((self.C, 1))
        return sse.item() / (self.N * self.C)

    def backward(self):
        dLdA = 2 * (self.A - self.Y) / (self.N * self.C)
        return dLdA


class CrossEntropyLoss:
    def forward(self, A, Y):
        """
        Calculate the Cross Entropy Loss

        :param A: Output of the model of shape (N, C)
        :param Y: Ground-truth values of shape (N, C), one-hot
        """
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        expo = np.exp(A - A.max(axis=1, keepdims=True))
        self.softmax = expo / expo.sum(axis=1, keepdims=True)
        crossentropy = np.sum(-self.Y * np.log(self.softmax), axis=1)
        return np.sum(crossentropy) / self.N

    def backward(self):
        dLdA = (self.softmax - self.Y) / self.N
        return dLdA


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8

        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))

        # Running mean and variance, updated during training, used during inference
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        """
        The eval parameter is to indicate whether we are in the training phase or in inference.
        """
        self.Z = Z
        self.N = Z.shape[0]
        self.M = np.mean(Z, axis=0, keepdims=True)
        self.V = np.var(Z, axis=0, keepdims=True)

        if eval is False:
            self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
            self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
            self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        else:
            self.NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
        return self.BZ

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)
        dLdNZ = dLdBZ * self.BW
        std = np.sqrt(self.V + self.eps)
        dLdV = -0.5 * np.sum(dLdNZ * (self.Z - self.M) * std**-3, axis=0, keepdims=True)
        dNZdM = -1 / std - 0.5 * (self.Z - self.M) * std**-3 * (
            -2 / self.N * np.sum(self.Z - self.M, axis=0, keepdims=True)
        )
        dLdM = np.sum(dLdNZ * dNZdM, axis=0, keepdims=True)
        return dLdNZ / std + dLdV * 2 / self.N * (self.Z - self.M) + dLdM / self.N


class Conv1d_stride1:
    def __init__(
        self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None
    ):
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        if weight_init_fn is None:
            self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size))
        else:
            self.W = weight_init_fn(out_channels, in_channels, kernel_size)
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)
        self.dLdW = np.zeros(self.W.shape)
        self.dLdb = np.zeros(self.b.shape)

    def forward(self, A):
        """
        Argument:
            A (np.array): (batch_size, in_channels, input_size)
        Return:
            Z (np.array): (batch_size, out_channels, output_size)
        """
        self.A = A
        output_size = A.shape[2] - self.kernel_size + 1
        Z = np.zeros((A.shape[0], self.out_channels, output_size))
        for i in range(output_size):
            part = A[:, :, i : i + self.kernel_size]
            Z[:, :, i] = np.tensordot(part, self.W, axes=([1, 2], [1, 2])) + self.b
        return Z

    def backward(self, dLdZ):
        """
        Argument:
            dLdZ (np.array): (batch_size, out_channels, output_size)
        Return:
            dLdA (np.array): (batch_size, in_channels, input_size)
        """
        K = self.kernel_size
        self.dLdb = dLdZ.sum(axis=(0, 2))
        self.dLdW = np.zeros(self.W.shape)
        dLdA = np.zeros(self.A.shape)
        for i in range(dLdZ.shape[2]):
            self.dLdW += np.tensordot(dLdZ[:, :, i], self.A[:, :, i : i + K], axes=([0], [0]))
            dLdA[:, :, i : i + K] += np.tensordot(dLdZ[:, :, i], self.W, axes=([1], [0]))
        return dLdA


class Conv2d:
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
        self.stride = stride
        self.pad = padding
        self.kernel_size = kernel_size
        self.out_channels = out_channels
        if weight_init_fn is None:
            self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size, kernel_size))
        else:
            self.W = weight_init_fn(out_channels, in_channels, kernel_size, kernel_size)
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)

    def forward(self, A):
        """
        Argument:
            A (np.array): (batch_size, in_channels, input_height, input_width)
        Return:
            Z (np.array): (batch_size, out_channels, output_height, output_width)
        """
        p, k, s = self.pad, self.kernel_size, self.stride
        self.A_pad = np.pad(A, ((0, 0), (0, 0), (p, p), (p, p)))
        H = (self.A_pad.shape[2] - k) // s + 1
        W = (self.A_pad.shape[3] - k) // s + 1
        Z = np.zeros((A.shape[0], self.out_channels, H, W))
        for i in range(H):
            for j in range(W):
                part = self.A_pad[:, :, i * s : i * s + k, j * s : j * s + k]
                Z[:, :, i, j] = np.tensordot(part, self.W, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return Z

    def backward(self, dLdZ):
        p, k, s = self.pad, self.kernel_size, self.stride
        self.dLdb = dLdZ.sum(axis=(0, 2, 3))
        self.dLdW = np.zeros(self.W.shape)
        dLdA = np.zeros(self.A_pad.shape)
        for i in range(dLdZ.shape[2]):
            for j in range(dLdZ.shape[3]):
                rows, cols = slice(i * s, i * s + k), slice(j * s, j * s + k)
                d = dLdZ[:, :, i, j]
                self.dLdW += np.tensordot(d, self.A_pad[:, :, rows, cols], axes=([0], [0]))
                dLdA[:, :, rows, cols] += np.tensordot(d, self.W, axes=([1], [0]))
        return dLdA[:, :, p : dLdA.shape[2] - p, p : dLdA.shape[3] - p]


DEBUG_AND_GRADE = True
if DEBUG_AND_GRADE:
    print(open("autograder_flags.txt").read())
