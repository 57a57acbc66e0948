"""Classes of fields behave as those of the standard library: what they promise is asked of both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kms_lint import record


def _classes(dataclass: Callable[..., Any]) -> tuple[type, type, type]:
    @dataclass(frozen=True, slots=True)
    class Place:
        path: str
        line: int = 1
        notes: list[str] = dataclasses.field(default_factory=list)

    @dataclass(frozen=True)
    class Named:
        name: str
        hidden: str = dataclasses.field(default="x", repr=False)

    @dataclass()
    class Open:
        count: int = 0

    return Place, Named, Open


BOTH = pytest.mark.parametrize("dataclass", [dataclasses.dataclass, record.dataclass], ids=["standard", "own"])


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """Of a module, so that it can be pickled."""

    path: str
    line: int = 1


@record.dataclass(frozen=True, slots=True)
class Own:
    """Of a module, so that it can be pickled."""

    path: str
    line: int = 1


@BOTH
def test_fields_by_place_name_and_default(dataclass: Any) -> None:
    place, _, opened = _classes(dataclass)
    made = place("a.tf", notes=["x"])
    assert (made.path, made.line, made.notes) == ("a.tf", 1, ["x"])
    assert place("a.tf").notes is not place("a.tf").notes
    assert opened(3).count == 3
    with pytest.raises(TypeError, match="path"):
        place()
    with pytest.raises(TypeError, match="other"):
        place("a.tf", other=1)


@BOTH
def test_equal_is_what_has_equal_values_and_the_same_class(dataclass: Any) -> None:
    place, named, opened = _classes(dataclass)
    assert named("a") == named("a") != named("b")
    assert hash(named("a")) == hash(named("a"))
    assert place("a") != named("a")
    assert opened(1) == opened(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(opened(1))


@BOTH
def test_what_is_frozen_stays(dataclass: Any) -> None:
    place, named, opened = _classes(dataclass)
    for made in (place("a"), named("a")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, dataclasses.fields(made)[0].name, "b")
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(made, dataclasses.fields(made)[0].name)
    changed = opened(1)
    changed.count = 2
    assert changed.count == 2
    assert not hasattr(place("a"), "__dict__")


@BOTH
def test_shown_and_replaced(dataclass: Any) -> None:
    place, named, _ = _classes(dataclass)
    assert repr(named("a")).endswith("Named(name='a')")
    assert dataclasses.replace(place("a", 2), line=3) == place("a", 3)
    assert dataclasses.asdict(place("a")) == {"path": "a", "line": 1, "notes": []}


@pytest.mark.parametrize("of", [Standard, Own])
def test_copied_and_pickled(of: Any) -> None:
    made = of("a.tf", 7)
    assert copy.copy(made) == made
    assert copy.deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made


@BOTH
def test_a_class_that_inherits(dataclass: Any) -> None:
    place, _, _ = _classes(dataclass)

    @dataclass(frozen=True, slots=True)
    class Further(place):  # type: ignore[misc,valid-type]
        more: str = "m"

    made = Further("a", more="n")
    assert (made.path, made.line, made.more) == ("a", 1, "n")
    assert made != place("a")
    assert place("a") == place("a")


def test_what_is_not_supported_is_refused() -> None:
    class Checked:
        name: str

        def __post_init__(self) -> None:
            raise AssertionError

    with pytest.raises(TypeError, match="__post_init__"):
        record.dataclass()(Checked)
