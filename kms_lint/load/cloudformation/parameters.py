"""The parameters of a template and the values they have.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dictionary
from typing import Final, TypeAlias

from kms_lint.load.cloudformation.pieces import branched, is_absent, lent
from kms_lint.load.reading import plain
from kms_lint.source import At
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

Passed: TypeAlias = Callable[[str, bool], Node | None]
"""What the template around a nested one gives to a parameter: as it is there, or only as far as it is certain."""

_STORED: Final = "AWS::SSM::Parameter::Value<"
_HIDDEN: Final = "it is a parameter with `NoEcho`, whose value is never shown"
_LOOKED_UP: Final = "it is looked up in Systems Manager when it is deployed"


class Parameters:
    """Answers `Ref` of a parameter."""

    def __init__(self, section: Node | None, said: Dictionary[str, str], passed: Passed | None) -> None:
        """`said` are the values that the user gives, `passed` gives those of the template around this one."""
        self._section = section if isinstance(section, Mapping) else None
        self._said = said
        self._passed = passed

    def __contains__(self, name: object) -> bool:
        """Whether the template has such a parameter."""
        return self._section is not None and isinstance(name, str) and name in self._section

    def value(self, name: str, at: At, certain: bool) -> Node | None:
        """What a parameter holds; a default is not `certain`, since another deployment may give another value.

        A default stands where it is written, since that is the place to change.
        """
        parameter = self._section.get(name) if self._section is not None else None
        type = _type(parameter)
        if type.startswith(_STORED):
            return Unknown(f"!Ref {name}", at, _LOOKED_UP)
        if _hidden(parameter):
            return Unknown(f"!Ref {name}", at, _HIDDEN)
        given = self._given(name, at, certain)
        if is_absent(given) and not certain:
            default = parameter.get("Default") if isinstance(parameter, Mapping) else None
            given = lent(default, at, f"parameter {name}", True) if isinstance(default, Text | Scalar) else None
        if given is None or is_absent(given):
            return Unknown(f"!Ref {name}", at)
        listed = type == "CommaDelimitedList" or type.startswith("List<")
        return branched([given], at, f"!Ref {name}", lambda values: _typed(values[0], listed))

    def allowed(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The parameters that can only have certain values, and these."""
        for name, parameter in self._section.entries if self._section is not None else ():
            values = parameter.get("AllowedValues") if isinstance(parameter, Mapping) else None
            type = _type(parameter)
            if not isinstance(values, Items) or type.startswith(_STORED) or "List" in type:
                continue
            texts = [str(plain(each) if isinstance(each, Scalar) else each) for each in values.values]
            if texts and all(isinstance(each, Text | Scalar) for each in values.values):
                yield str(name), tuple(texts)

    def _given(self, name: str, at: At, certain: bool) -> Node | None:
        if self._passed is not None:
            passed = self._passed(name, certain)
            return None if passed is None else lent(passed, at, f"parameter {name}")
        said = self._said.get(name)
        return None if said is None else Text(said, at)


def _typed(value: Node | None, listed: bool) -> Node | None:
    """The value of a parameter as its type has it: text, or a list."""
    if isinstance(value, Scalar) and value.value is not None:
        value = plain(value)
    if not listed and isinstance(value, Items) and all(isinstance(each, Text) for each in value.values):
        return Text(",".join(str(each) for each in value.values), value.at)
    if listed and isinstance(value, Text) and value.form == value:
        return Items([Text(part.strip(), value.at) for part in value.split(",")], value.at)
    return value


def _type(parameter: Node | None) -> str:
    type = parameter.get("Type") if isinstance(parameter, Mapping) else None
    return str(type) if isinstance(type, Text) else "String"


def _hidden(parameter: Node | None) -> bool:
    hidden = parameter.get("NoEcho") if isinstance(parameter, Mapping) else None
    return isinstance(hidden, Text | Scalar) and str(plain(hidden) if isinstance(hidden, Scalar) else hidden) == "true"
