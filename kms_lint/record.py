"""`dataclass`, as the standard library has it, for a tenth of what it costs at start-up.

The standard `dataclass` writes and compiles up to seven methods for each class when its module is imported: for some
sixty classes that was a fifth of a run over one small file. Here a class gets methods that serve all classes, and its
`__init__` is written when the first of its objects is made, which most classes of a run never see. All else is the
standard one's: fields, defaults, slots, `replace`, what type checkers say.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    from operator import attrgetter

    def dataclass(*, frozen: bool = False, eq: bool = True, slots: bool = False):
        """As `dataclasses.dataclass`, with those of its options that are used here."""

        def made(cls: type) -> type:
            if hasattr(cls, "__post_init__"):
                raise TypeError(f"{cls.__qualname__}: __post_init__ is not called here")
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            cls.__init__ = _initialised_first(cls, frozen)
            cls.__repr__ = _repr
            if frozen:
                cls.__setattr__ = cls.__delattr__ = _refuse
                cls.__reduce__ = _reduce
            if eq:
                _compared(cls, frozen)
            return cls

        return made

    def _initialised_first(cls: type, frozen: bool):
        """An `__init__` that puts the real one in its place."""

        def first(self, *values, **named):
            cls.__init__ = _initialiser(cls, frozen)
            cls.__init__(self, *values, **named)

        return first

    def _initialiser(cls: type, frozen: bool):
        """The `__init__` of a class: the names of its fields as parameters, each set past the `__setattr__` of what is frozen."""
        known = {"_set": object.__setattr__, "_absent": object()}
        parameters, lines = [], []
        for each in dataclasses.fields(cls):
            name = each.name
            if each.default is not dataclasses.MISSING:
                known[f"_default_{name}"] = each.default
                parameters.append(f"{name}=_default_{name}")
            elif each.default_factory is not dataclasses.MISSING:
                known[f"_make_{name}"] = each.default_factory
                parameters.append(f"{name}=_absent")
                lines.append(f" if {name} is _absent: {name} = _make_{name}()")
            else:
                parameters.append(name)
            lines.append(f" _set(self, {name!r}, {name})" if frozen else f" self.{name} = {name}")
        exec(f"def __init__(self, {', '.join(parameters)}):\n" + "\n".join(lines), known)
        return known["__init__"]

    def _compared(cls: type, frozen: bool) -> None:
        """Equal is what has equal values; what is frozen has a hash as well."""
        values = attrgetter(*(each.name for each in dataclasses.fields(cls)))

        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def hashed(self):
            return hash(values(self))

        cls.__eq__, cls.__hash__ = equal, hashed if frozen else None

    def _repr(self) -> str:
        shown = (each.name for each in dataclasses.fields(self) if each.repr)
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def _refuse(self, name: str, *value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"{type(self).__name__} cannot be changed: {name}")

    def _reduce(self):
        """For copying and pickling, which would set attributes otherwise."""
        return type(self), tuple(getattr(self, each.name) for each in dataclasses.fields(self))
