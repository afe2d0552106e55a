"""Layer definitions.

This module defines classes which encapsulate a single layer. These layers map input activations
to output activations with the `fprop` method and map gradients with respect to outputs to
gradients with respect to their inputs with the `bprop` method.
"""

import numpy as np


class ConstantInit:
    def __init__(self, value):
        self.value = value

    def __call__(self, shape):
        return np.ones(shape=shape) * self.value


class UniformInit:
    def __init__(self, low, high, rng=None):
        self.low, self.high = low, high
        self.rng = np.random.RandomState(1234) if rng is None else rng

    def __call__(self, shape):
        return self.rng.uniform(low=self.low, high=self.high, size=shape)


class Layer:
    """Abstract class defining the interface for a layer."""

    def fprop(self, inputs):
        """Forward propagates activations through the layer transformation.

        Args:
            inputs: Array of layer inputs of shape (batch_size, input_dim).

        Returns:
            outputs: Array of layer outputs of shape (batch_size, output_dim).
        """
        raise NotImplementedError()

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        """Back propagates gradients through a layer.

        Args:
            inputs: Array of layer inputs of shape (batch_size, input_dim).
            outputs: Array of layer outputs calculated in forward pass.
            grads_wrt_outputs: Array of gradients with respect to the layer outputs.

        Returns:
            Array of gradients with respect to the layer inputs of shape (batch_size, input_dim).
        """
        raise NotImplementedError()


class LayerWithParameters(Layer):
    """Abstract class defining the interface for a layer with parameters."""

    def grads_wrt_params(self, inputs, grads_wrt_outputs):
        raise NotImplementedError()

    @property
    def params(self):
        raise NotImplementedError()


class AffineLayer(LayerWithParameters):
    """Layer implementing an affine tranformation of its inputs: weights of (output_dim, input_dim)."""

    def __init__(
        self,
        input_dim,
        output_dim,
        weights_initialiser=UniformInit(-0.1, 0.1),
        biases_initialiser=ConstantInit(0.0),
    ):
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.weights = weights_initialiser((self.output_dim, self.input_dim))
        self.biases = biases_initialiser(self.output_dim)

    def fprop(self, inputs):
        return inputs.dot(self.weights.T) + self.biases

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return grads_wrt_outputs.dot(self.weights)

    def grads_wrt_params(self, inputs, grads_wrt_outputs):
        """Returns: list of arrays [grads_wrt_weights, grads_wrt_biases]"""
        grads_wrt_weights = np.dot(grads_wrt_outputs.T, inputs)
        grads_wrt_biases = np.sum(grads_wrt_outputs, axis=0)
        return [grads_wrt_weights, grads_wrt_biases]

    @property
    def params(self):
        return [self.weights, self.biases]

    @params.setter
    def params(self, values):
        self.weights, self.biases = values


class SigmoidLayer(Layer):
    """Layer implementing an element-wise logistic sigmoid transformation."""

    def fprop(self, inputs):
        return 1.0 / (1.0 + np.exp(-inputs))

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return grads_wrt_outputs * outputs * (1.0 - outputs)


class ReluLayer(Layer):
    """Layer implementing an element-wise rectified linear transformation."""

    def fprop(self, inputs):
        return np.maximum(inputs, 0.0)

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return (outputs > 0.0) * grads_wrt_outputs


class SoftmaxLayer(Layer):
    """Layer implementing a softmax transformation."""

    def fprop(self, inputs):
        exp_inputs = np.exp(inputs - inputs.max(-1)[:, None])
        return exp_inputs / exp_inputs.sum(-1)[:, None]

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return outputs * (grads_wrt_outputs - (grads_wrt_outputs * outputs).sum(-1)[:, None])


class SumOfSquaredDiffsError:
    """Sum of squared differences (squared Euclidean distance) error."""

    def __call__(self, outputs, targets):
        """Calculates error function given a batch of outputs and targets."""
        return 0.5 * np.mean(np.sum((outputs - targets) ** 2, axis=1))

    def grad(self, outputs, targets):
        """Calculates gradient of error function with respect to outputs."""
        return (outputs - targets) / outputs.shape[0]


class CrossEntropySoftmaxError:
    """Multi-class cross entropy error with Softmax applied to outputs; targets are one-hot."""

    def __call__(self, outputs, targets):
        normOutputs = outputs - outputs.max(-1)[:, None]
        logProb = normOutputs - np.log(np.sum(np.exp(normOutputs), axis=-1)[:, None])
        return -np.mean(np.sum(targets * logProb, axis=1))

    def grad(self, outputs, targets):
        probs = np.exp(outputs - outputs.max(-1)[:, None])
        probs /= probs.sum(-1)[:, None]
        return (probs - targets) / outputs.shape[0]
