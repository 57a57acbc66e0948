"""Terraform's functions: a table for each family of them, imported when one of it is called.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Final

from kms_lint.load.terraform.choices import worked_out
from kms_lint.load.terraform.functions.signature import Asked, Function
from kms_lint.load.terraform.limits import MOST, RefusedError, UndecidedError
from kms_lint.load.terraform.scope import TOO_LARGE, Scope
from kms_lint.load.terraform.value import Several, is_null, unknown
from kms_lint.syntax.expression import Call
from kms_lint.syntax.tree import Items, Mapping, Node, Text, Unknown

_FAMILIES: Final = {
    "attempts": "try can",
    "collections": "length concat flatten merge lookup element keys values distinct compact contains coalesce "
    "coalescelist one reverse slice range zipmap transpose index matchkeys chunklist sort sum alltrue anytrue",
    "sets": "setunion setintersection setsubtract setproduct",
    "types": "tostring tonumber tobool tolist toset tomap nonsensitive sensitive issensitive ephemeralasnull",
    "text": "upper lower title trim trimspace trimprefix trimsuffix startswith endswith strcontains strrev indent "
    "chomp substr split join replace",
    "formatting": "format formatlist",
    "regular": "regex regexall",
    "numeric": "min max abs ceil floor pow log signum parseint",
    "encoding": "jsonencode jsondecode yamlencode yamldecode csvdecode base64encode base64decode urlencode "
    "textencodebase64 textdecodebase64",
    "hashes": "md5 sha1 sha256 sha512 base64sha256 base64sha512 filemd5 filesha1 filesha256 filesha512 "
    "filebase64sha256 filebase64sha512",
    "networks": "cidrsubnet cidrsubnets cidrhost cidrnetmask",
    "filing": "file fileexists filebase64 fileset templatefile templatestring basename dirname pathexpand abspath",
    "aws": "provider::aws::arn_parse provider::aws::arn_build provider::aws::trim_iam_role_path",
}
_FAMILY: Final = {name: family for family, names in _FAMILIES.items() for name in names.split()}
_WHY_NOT: Final = {
    **dict.fromkeys(("timestamp", "plantimestamp"), "it depends on the time at which it is worked out"),
    **dict.fromkeys(("uuid", "bcrypt", "rsadecrypt", "base64gzip"), "it gives something else each time, or a secret"),
    **dict.fromkeys(("formatdate", "timeadd", "timecmp", "uuidv5", "type"), "this function is not worked out"),
}


@lru_cache(maxsize=256)
def function(name: str) -> Function | None:
    """The function of a name; `None` for one that is not known."""
    family = _FAMILY.get(name)
    if family is None:
        return None
    table: dict[str, Function] = import_module(f"{__name__}.{family}").FUNCTIONS
    return table[name]


def called(call: Call, scope: Scope) -> Node:
    """The value of a call."""
    name = call.name.removeprefix("core::")
    found = function(name)
    if found is None:
        return unknown(call.at, _WHY_NOT.get(name, f"the function `{name}` is not known"))
    asked = Asked(call.at, scope)
    if found.lazily is not None:
        return found.lazily(call, asked)
    values = [scope.evaluate(argument) for argument in call.arguments]
    if call.expand:
        return worked_out(values, call.at, lambda given: _applied(found, _expanded(given), asked))
    return worked_out(values, call.at, lambda given: _applied(found, given, asked), deep=found.deep)


def _expanded(values: Sequence[Node]) -> list[Node]:
    """The arguments when the last one was followed by `...`."""
    *first, last = values
    if isinstance(last, Unknown):
        return [*first, Several(last.expression, last.at, last.reason)]
    if is_null(last) or not isinstance(last, Items):
        raise RefusedError("a list is required before `...`")
    return [*first, *last.values]


def _applied(function: Function, values: Sequence[Node], asked: Asked) -> Node:
    several = any(isinstance(value, Several) for value in values)
    if several and not function.open:
        raise UndecidedError
    if not several and not (function.least <= len(values) <= (len(values) if function.most is None else function.most)):
        raise RefusedError(f"it does not take {len(values)} arguments")
    return bounded(function.compute(values, asked), asked)


def bounded(value: Node, asked: Asked) -> Node:
    """The value, unless it is too large; what it holds counts as work."""
    size = 1
    if isinstance(value, Items | Mapping):
        size = len(value)
    elif isinstance(value, Text):
        size = len(value) >> 4
    if size > MOST or asked.scope.spent(size):
        return unknown(asked.at, TOO_LARGE)
    return value
