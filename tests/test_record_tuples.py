"""Our `NamedTuple` makes classes that behave as those of the standard library."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from kms_lint import record


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
