"""Placeholders for what a file asks for and is not there.

A hand-in that plots with a package which is not installed still defines its layers. The name of
the package stands for a placeholder, and only a layer that really needs it fails, with a text
that says what is missing.
"""

from __future__ import annotations

from typing import Any, NoReturn


class Absent:
    """Stands for a name without a value; any use raises ``error`` with the reason.

    An attribute or a subscript of it is absent too, so that ``torch.nn.Module`` may be a base
    class and ``torch.Tensor | None`` an annotation.
    """

    __slots__ = ("_absent_error", "_absent_name", "_absent_why")
    _absent_name: str
    _absent_why: str
    _absent_error: type[Exception]

    def __new__(cls, name: str, why: str, error: type[Exception] = ImportError) -> Absent:
        """Make a placeholder here: ``__init__`` is what a subclass of the absent class calls."""
        self = super().__new__(cls)
        object.__setattr__(self, "_absent_name", name)
        object.__setattr__(self, "_absent_why", why)
        object.__setattr__(self, "_absent_error", error)
        return self

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Also what ``nn.Module.__init__(self)`` calls, which must do no harm.
        pass

    def __repr__(self) -> str:
        return f"<absent {self._absent_name}>"

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__") and name.endswith("__"):  # what inspect, copy and numpy probe for
            raise AttributeError(name)
        return Absent(f"{self._absent_name}.{name}", self._absent_why, self._absent_error)

    def __getitem__(self, index: object) -> Absent:
        return Absent(f"{self._absent_name}[...]", self._absent_why, self._absent_error)

    def __or__(self, other: object) -> Absent:
        return self

    __ror__ = __or__

    def __copy__(self) -> Absent:
        return self

    def __deepcopy__(self, memo: object) -> Absent:
        return self

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: object) -> bool:
        return False

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        return (_stand_in(self._absent_name, self._absent_why),)

    def _refuse(self, *arguments: Any, **options: Any) -> NoReturn:
        raise self._absent_error(f"{self._absent_name} is used here, but {self._absent_why}")

    __call__ = __bool__ = __len__ = __iter__ = __next__ = __contains__ = _refuse
    __setitem__ = __delitem__ = __enter__ = __exit__ = _refuse
    __setattr__ = __delattr__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __and__ = __rand__ = _refuse
    __neg__ = __pos__ = __abs__ = __invert__ = __float__ = __int__ = __index__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __array__ = __array_ufunc__ = __array_function__ = _refuse


def _stand_in(name: str, why: str) -> type:
    """Return a base class in place of an absent one: it accepts all and has nothing.

    A layer that only takes its name from the base works; what it inherits it does not have.
    """

    def accept(self: object, *arguments: Any, **options: Any) -> None:
        """Accept what the absent constructor would have taken."""

    def refuse(self: object, attribute: str) -> NoReturn:
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {attribute!r}; it may come from the "
            f"base class {name}, but {why}"
        )

    def accept_subclass(cls: Any, /, **options: Any) -> None:
        """Accept class keywords that the absent base would have taken."""

    body = {
        "__init__": accept,
        "__getattr__": refuse,
        "__init_subclass__": classmethod(accept_subclass),
        "__module__": __name__,
    }
    return type(name.rpartition(".")[2], (), body)
