"""Conversions that are asked for, and marks that do not change a value.

https://developer.hashicorp.com/terraform/language/functions/tostring
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.terraform.conversion import list_of, map_of, numeric, set_of, string, truth
from kms_lint.load.terraform.functions.signature import Asked, Function
from kms_lint.load.terraform.limits import RefusedError
from kms_lint.load.terraform.value import placed
from kms_lint.syntax.tree import Node, Scalar, Unknown


def _string(values: Sequence[Node], asked: Asked) -> Node:
    return placed(string(values[0]), asked.at)


def _number(values: Sequence[Node], asked: Asked) -> Node:
    return placed(numeric(values[0]), asked.at)


def _bool(values: Sequence[Node], asked: Asked) -> Node:
    if isinstance(values[0], Scalar) and isinstance(values[0].value, str):
        raise RefusedError("`true` or `false` is required here")
    return placed(truth(values[0]), asked.at)


def _list(values: Sequence[Node], asked: Asked) -> Node:
    return list_of(values[0], asked.at)


def _set(values: Sequence[Node], asked: Asked) -> Node:
    return set_of(values[0], asked.at)


def _map(values: Sequence[Node], asked: Asked) -> Node:
    return map_of(values[0], asked.at)


def _same(values: Sequence[Node], asked: Asked) -> Node:
    return placed(values[0], asked.at)


def _is_sensitive(values: Sequence[Node], asked: Asked) -> Node:
    return Unknown("issensitive", asked.at, "what is sensitive is not followed")


FUNCTIONS: Final = {
    "tostring": Function(1, 1, _string),
    "tonumber": Function(1, 1, _number),
    "tobool": Function(1, 1, _bool),
    "tolist": Function(1, 1, _list),
    "toset": Function(1, 1, _set, deep=True),
    "tomap": Function(1, 1, _map),
    "nonsensitive": Function(1, 1, _same),
    "sensitive": Function(1, 1, _same),
    "ephemeralasnull": Function(1, 1, _same),
    "issensitive": Function(1, 1, _is_sensitive),
}
