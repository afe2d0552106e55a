"""Right, with an abstract base class and inheritance."""

from abc import ABC, abstractmethod


class Layer(ABC):
    @abstractmethod
    def forward(self, x): ...

    @abstractmethod
    def backward(self, dout): ...


class Square(Layer):
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout
