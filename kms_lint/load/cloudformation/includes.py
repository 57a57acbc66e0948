"""Fragments of other files that `AWS::Include` puts into a template, and macros, of which nothing is known.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.files import File
from kms_lint.load.cloudformation.files import Files
from kms_lint.load.cloudformation.pieces import lent
from kms_lint.syntax.tree import Mapping, Node, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.load.cloudformation.intrinsics import Intrinsics

INCLUDE: Final = "AWS::Include"
_ELSEWHERE: Final = ("s3://", "http://", "https://")


class Includes:
    """What a template includes. `way` are the files that lead here, to tell one that includes itself."""

    def __init__(self, files: Files, near: File | None, way: tuple[str, ...] = ()) -> None:
        """`near` is the file that relative paths count from."""
        self._files = files
        self._near = near
        self._way = way

    def included(self, transform: Node, intrinsics: Intrinsics) -> tuple[Node, Intrinsics] | Unknown:
        """The fragment that a transform puts in its place, and what works its values out; unknown for a macro."""
        name = (
            intrinsics.resolve(transform.get("Name"))
            if isinstance(transform, Mapping)
            else intrinsics.resolve(transform)
        )
        if not isinstance(name, Text) or not isinstance(transform, Mapping):
            return Unknown("Fn::Transform", transform.at, "a macro makes it")
        if name != INCLUDE:
            return Unknown(f"!Transform {name}", transform.at, f"the macro `{name}` makes it")
        given = transform.get("Parameters")
        location = intrinsics.resolve(given.get("Location")) if isinstance(given, Mapping) else None
        if not isinstance(location, Text) or not location.known:
            return Unknown(INCLUDE, transform.at, "where the included file is, is not known")
        return self._read(str(location), transform, intrinsics)

    def _read(self, location: str, transform: Mapping, intrinsics: Intrinsics) -> tuple[Node, Intrinsics] | Unknown:
        expression = f"{INCLUDE} {location}"
        if location.startswith(_ELSEWHERE):
            return Unknown(
                expression, transform.at, "it is not a file of this repository: it is included when it is deployed"
            )
        found = self._files.beside(self._near, location)
        if isinstance(found, str):
            return Unknown(expression, transform.at, found)
        if found.file.location in self._way:
            return Unknown(expression, transform.at, f"`{location}` includes itself")
        too_much = intrinsics.budget.read(found.source)
        if too_much:
            return Unknown(expression, transform.at, too_much)
        way = (*self._way, found.file.location)
        inner = replace(intrinsics, includes=Includes(self._files, found.file, way))
        return lent(found.node, transform.at, location), inner
