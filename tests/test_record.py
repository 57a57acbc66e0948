"""Our `dataclass` makes classes that behave as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, NamedTuple

import pytest

from kms_lint import record


def made(maker: Any, **options: bool) -> Any:
    """A class with a field of each form, made by one maker or the other."""

    class Thing:
        """A thing."""

        name: str
        size: int = 3
        parts: list[str] = dataclasses.field(default_factory=list)
        hidden: str = dataclasses.field(default="x", repr=False)

    Thing.__qualname__ = "Thing"
    return maker(**options)(Thing)


OPTIONS = [
    {"frozen": frozen, "eq": eq, "slots": slots} for frozen in (True, False) for eq in (True, False) for slots in (True, False)
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_is_as_the_standard_one(options: dict[str, bool]) -> None:
    ours, theirs = made(record.dataclass, **options), made(dataclasses.dataclass, **options)
    for arguments, named in [(("a",), {}), (("a", 4), {"hidden": "y"}), ((), {"name": "b", "parts": ["p"]})]:
        one, other = ours(*arguments, **named), theirs(*arguments, **named)
        assert dataclasses.asdict(one) == dataclasses.asdict(other)
        assert repr(one) == repr(other)
        assert (one == ours(*arguments, **named)) == (other == theirs(*arguments, **named))
        assert dataclasses.asdict(dataclasses.replace(one, size=9)) == {**dataclasses.asdict(one), "size": 9}
        assert dataclasses.asdict(copy.deepcopy(one)) == dataclasses.asdict(one)
        assert one != other
    assert hasattr(ours("a"), "__dict__") == hasattr(theirs("a"), "__dict__")
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    assert ours("a").parts is not ours("a").parts


def test_what_is_missing_or_unknown_is_an_error_each_time() -> None:
    thing = made(record.dataclass, frozen=True)
    for _ in range(2):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
            thing()
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            thing("a", colour="red")


@pytest.mark.parametrize("slots", [True, False])
def test_what_is_frozen_cannot_be_changed(slots: bool) -> None:
    thing = made(record.dataclass, frozen=True, slots=slots)("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        thing.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del thing.name
    assert thing.name == "a"


def test_what_is_frozen_and_compared_has_a_hash_of_its_values() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Pair:
        """Two."""

        left: int
        right: int

    assert len({Pair(1, 2), Pair(1, 2), Pair(2, 1)}) == 2


def tuples(maker: Any) -> Any:
    """A tuple with names of each form, made by one maker or the other."""

    class Thing(maker):
        """A thing."""

        name: str
        size: int = 3
        parts: tuple[str, ...] = ()

        @property
        def long(self) -> str:
            """The name, and how large it is."""
            return f"{self.name} of {self.size}"

    return Thing


def test_a_tuple_with_names_is_as_the_standard_one() -> None:
    ours, theirs = tuples(record.NamedTuple), tuples(NamedTuple)
    for arguments, named in [(("a",), {}), (("a", 4), {"parts": ("p",)}), ((), {"name": "b"})]:
        one, other = ours(*arguments, **named), theirs(*arguments, **named)
        assert (repr(one), one.long, hash(one)) == (repr(other), other.long, hash(other))
        assert one == other
        assert one._replace(size=9)._asdict() == other._replace(size=9)._asdict()
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__qualname__"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert not hasattr(ours("a"), "__dict__")
    with pytest.raises(AttributeError):
        ours("a").name = "b"
