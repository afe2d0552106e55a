"""One operation of an autodiff class as a layer: operands are wrapped, their gradients are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck.conventions.autodiff_join import Join
from gradcheck.conventions.autodiff_seeding import Graph, run_backward
from gradcheck.conventions.autodiff_shapes import given, gradients_as_given
from gradcheck.conventions.autodiff_values import gradient_of, value_of, wrapped

Options = Mapping[str, Any]
Compute = Callable[..., Any]
"""(options, *operands) -> the result, all of them objects of the class."""


class Operation:
    """Runs one operation. The class may be of any make: only operators and attributes are used.

    An operand that is used twice must be given the sum of both gradients: for the option ``used``
    the operation is done twice and the results are joined by another operation of the class. For
    the option ``shapes`` the operands are cut so that one of them is broadcast.
    """

    def __init__(self, cls: type[Any], compute: Compute) -> None:
        self.cls, self.compute = cls, compute
        self.join = Join(cls)

    def forward(self, state: Any, options: Options, *arrays: Any) -> Any:
        """Return the value of the result."""
        operands = given(options.get("shapes", "same"), arrays)
        try:
            graph = self._graph(options, operands)
        except Exception:
            if options.get("shapes", "same") == "same":
                raise
            options = {**options, "shapes": "same"}  # the class does not broadcast so
            operands = given("same", arrays)
            graph = self._graph(options, operands)
        state.options, state.arrays, state.graph = options, arrays, graph
        state.build = lambda: self._graph(options, operands)
        value = value_of(graph.result)
        # Twice, by graphs of their own: what gives one number for all might be taken for a loss,
        # of which nobody asks that it regards its upstream gradient.
        state.is_single = np.ndim(value) == 0 and value is not None
        return np.stack([value, value]) if state.is_single else value

    def backward(self, state: Any, upstream: Any) -> Any:
        """Return the gradients of the operands; a graph serves once, since gradients add up."""
        found = [
            self._gradients(state, one) for one in (upstream if state.is_single else [upstream])
        ]
        sums = [_sum(of_one) for of_one in zip(*found, strict=True)]
        gradients = gradients_as_given(state.options.get("shapes", "same"), sums, state.arrays)
        return tuple(gradients) if len(gradients) > 1 else gradients[0]

    def _gradients(self, state: Any, upstream: Any) -> list[Any]:
        graph, state.graph = state.graph or state.build(), None
        graph = self._run_backward(state.build, graph, upstream)
        return [gradient_of(one) for one in graph.operands]

    def _run_backward(self, build: Callable[[], Graph], graph: Graph, upstream: Any) -> Graph:
        return run_backward(self.cls, build, graph, upstream)

    def _graph(self, options: Options, values: Sequence[Any]) -> Graph:
        operands = [wrapped(self.cls, one) for one in values]
        result = self.compute(options, *operands)
        if options.get("used") == "twice":
            result = self.join.once(result, self.compute(options, *operands))
        return Graph(operands, result)


class WholeBackward(Operation):
    """``backward()`` of the class itself, on a graph in which an inner result is used twice.

    Here backward begins as it always does, with ones, so its gradient is multiplied by the
    upstream gradient afterwards.
    """

    def __init__(self, cls: type[Any]) -> None:
        super().__init__(cls, self._shared)

    def _gradients(self, state: Any, upstream: Any) -> list[Any]:
        found = super()._gradients(state, upstream)
        return [None if one is None else one * upstream for one in found]

    def _run_backward(self, build: Callable[[], Graph], graph: Graph, upstream: Any) -> Graph:
        graph.root.backward()
        return graph

    def _shared(self, options: Options, operand: Any) -> Any:
        """Return ``(m + a) + m`` with ``m = a + a``, or ``a`` itself where nothing adds up."""
        add = self.join.accumulating(operand)
        if add is None:
            return operand
        inner = add(operand, operand)
        return add(add(inner, operand), inner)


class OneByOne:
    """An operation on numbers, done for every element of arrays, each with a graph of its own."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def forward(self, state: Any, options: Options, *arrays: Any) -> Any:
        """Return the values of the results, in the shape of the operands."""
        state.shape = np.shape(arrays[0])
        state.each = []
        values = []
        for numbers in zip(*(np.ravel(one) for one in arrays), strict=True):
            one = SimpleNamespace()
            value = self.operation.forward(one, options, *numbers)
            values.append(value[0] if one.is_single else value)
            one.is_single = False
            state.each.append(one)
        return _reshaped(values, state.shape)

    def backward(self, state: Any, upstream: Any) -> Any:
        """Return the gradients of the operands."""
        found = [
            self.operation.backward(one, weight)
            for one, weight in zip(state.each, np.ravel(upstream), strict=True)
        ]
        if not isinstance(found[0], tuple):
            return _reshaped(found, state.shape)
        return tuple(_reshaped(one, state.shape) for one in zip(*found, strict=True))


def _reshaped(found: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return numbers as one array; the first that is no number as it is, for it is the fault."""
    wrong = [one for one in found if one is None or np.size(one) != 1]
    return wrong[0] if wrong else np.array(found).reshape(shape)


def _sum(found: Sequence[Any]) -> Any:
    """Return the sum of gradients of one operand, None where one is missing."""
    if any(one is None for one in found):
        return None
    return found[0] if len(found) == 1 else found[0] + found[1]
