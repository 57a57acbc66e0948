"""Files that give values to the parameters of CloudFormation templates, in all forms that AWS takes.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html (a list of `ParameterKey` and
`ParameterValue`), https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/ (names and values, `Parameters`,
or a list of `NAME=VALUE`)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

from kms_lint.errors import MalformedError, SourceError
from kms_lint.load.reading import described, plain
from kms_lint.source import At
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_FORMS: Final = 'a list of {"ParameterKey": …, "ParameterValue": …}, {"Parameters": {…}}, or names with their values'


def parameters(paths: Iterable[str]) -> dict[str, str]:
    """The values of parameters by name; where files differ, the last one counts.

    Raises `SourceError`, with the place, for a file that cannot be read or gives no values of parameters.
    """
    return {str(name): value for path in paths for name, value in _given(path)}


def _given(path: str) -> Iterator[tuple[str, str]]:
    from kms_lint import files
    from kms_lint.load.cloudformation.files import tree

    file = files.File(path, os.path.abspath(path), True)
    try:
        node = tree(files.decode(path, files.content(file)))
    except MalformedError as error:
        raise SourceError(f"this is no file of parameters: {error.message}", error.at) from error
    if isinstance(node, Items):
        for entry in node.values:
            yield from _entry(entry)
    elif isinstance(node, Mapping):
        inner = node.get("Parameters")
        for name, value in (inner if isinstance(inner, Mapping) else node).entries:
            yield str(name), _value(name, value)
    else:
        raise _refused(f"this is {described(node)}", node.at)


def _entry(entry: Node) -> Iterator[tuple[str, str]]:
    if isinstance(entry, Text) and "=" in entry:
        parameter, _, said = entry.partition("=")
        yield parameter, said
        return
    name, value = (
        entry.get(part) if isinstance(entry, Mapping) else None for part in ("ParameterKey", "ParameterValue")
    )
    if not isinstance(entry, Mapping) or not isinstance(name, Text):
        raise _refused("an entry has no `ParameterKey`", entry.at)
    if value is not None:
        yield str(name), _value(name, value)
    elif entry.get("UsePreviousValue") is None:
        raise _refused(f"`{name}` has no `ParameterValue`", entry.at)


def _value(name: Text, value: Node) -> str:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Scalar) and value.value is not None:
        return str(plain(value))
    if isinstance(value, Items) and all(isinstance(each, Text | Scalar) for each in value.values):
        return ",".join(_value(name, each) for each in value.values)
    raise _refused(f"the value of `{name}` is {described(value)} where text belongs", value.at)


def _refused(what: str, at: At) -> SourceError:
    return SourceError(f"{what}: write {_FORMS}", locate(at))
