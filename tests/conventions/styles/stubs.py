"""Skeleton of the assignment: nothing of this is done yet."""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        pass

    def backward(self, dout):
        pass


class Relu:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError


class Sigmoid:
    """The forward pass is done, the backward pass is not."""

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        raise NotImplementedError("TODO: implement the backward pass")


class Linear:
    def __init__(self, in_features, out_features):
        self.W = None  # YOUR CODE HERE
        self.b = None  # YOUR CODE HERE

    def forward(self, A):
        self.A = A
        Z = None  # YOUR CODE HERE
        return Z

    def backward(self, dLdZ):
        dLdA = None  # YOUR CODE HERE
        self.dLdW = None  # YOUR CODE HERE
        self.dLdb = None  # YOUR CODE HERE
        return dLdA


class LinearModule:
    def __init__(self, in_features, out_features, input_layer=False):
        self.params = {"weight": None, "bias": None}
        self.grads = {"weight": None, "bias": None}

        #######################
        # PUT YOUR CODE HERE  #
        #######################
        pass
        #######################
        # END OF YOUR CODE    #
        #######################

    def forward(self, x):
        #######################
        # PUT YOUR CODE HERE  #
        #######################
        pass
        out = None
        #######################
        # END OF YOUR CODE    #
        #######################
        return out

    def backward(self, dout):
        #######################
        # PUT YOUR CODE HERE  #
        #######################
        pass
        dx = None
        #######################
        # END OF YOUR CODE    #
        #######################
        return dx


def affine_forward(x, w, b):
    """
    Computes the forward pass for an affine (fully-connected) layer.
    """
    out = None
    ###########################################################################
    # TODO: Implement the affine forward pass. Store the result in out. You   #
    # will need to reshape the input into rows.                               #
    ###########################################################################
    pass
    ###########################################################################
    #                             END OF YOUR CODE                            #
    ###########################################################################
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """
    Computes the backward pass for an affine layer.
    """
    x, w, b = cache
    dx, dw, db = None, None, None
    ###########################################################################
    # TODO: Implement the affine backward pass.                               #
    ###########################################################################
    pass
    ###########################################################################
    #                             END OF YOUR CODE                            #
    ###########################################################################
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(x, 0)
    return out, x


def relu_backward(dout, cache):
    dx, x = None, cache
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    pass

    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def softmax_loss(x, y):
    loss, dx = None, None
    # TODO
    pass
    return loss, dx


def svm_loss(x, y):
    loss = 0.0
    dx = np.zeros_like(x)
    raise NotImplementedError("svm_loss")


class Mul:
    @staticmethod
    def forward(ctx, a, b):
        # TODO: Implement for Task 1.2.
        raise NotImplementedError("Need to implement for Task 1.2")

    @staticmethod
    def backward(ctx, d_output):
        # TODO: Implement for Task 1.4.
        raise NotImplementedError("Need to implement for Task 1.4")


class EWiseDiv:
    def compute(self, a, b):
        ### BEGIN YOUR SOLUTION
        raise NotImplementedError()
        ### END YOUR SOLUTION

    def gradient(self, out_grad, node):
        ### BEGIN YOUR SOLUTION
        raise NotImplementedError()
        ### END YOUR SOLUTION


class Tanh:
    def forward(self, x):
        """TODO"""

    def backward(self, dout):
        """TODO"""


class Softmax:
    def forward(self, x): ...

    def backward(self, dout): ...
