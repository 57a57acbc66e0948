"""Files of the repository: their texts, and templates in them. Nothing outside of it is read.

https://developer.hashicorp.com/terraform/language/functions/file
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Final

from kms_lint.errors import MalformedError, MissingError, SourceError
from kms_lint.load.terraform.characters import computed, pieces
from kms_lint.load.terraform.conversion import string
from kms_lint.load.terraform.functions.signature import Asked, Function, entries, plainly, text
from kms_lint.load.terraform.known import made
from kms_lint.load.terraform.limits import RefusedError, UndecidedError, fits
from kms_lint.load.terraform.scope import TEMPLATE, TOO_LARGE
from kms_lint.load.terraform.value import Rendered, lent, written
from kms_lint.source import Borrowed, Passage, Source, Span
from kms_lint.syntax.tree import Node, Scalar, Text

_LARGEST: Final = 16 << 20


def read(name: str, asked: Asked) -> bytes:
    """The bytes of a file. Raises RefusedError when there is none, UndecidedError when it may not be read."""
    from kms_lint.files import content

    try:
        found = content(asked.scope.file(name))
    except MissingError as error:
        raise RefusedError(str(error)) from error
    except SourceError as error:
        raise UndecidedError(str(error)) from error
    if len(found) > _LARGEST or asked.scope.spent(len(found) >> 8):
        raise UndecidedError(TOO_LARGE)
    return found


def opened(name: str, asked: Asked) -> Source:
    """The text of a file, with its places. Raises as `read` does."""
    from kms_lint.files import decode

    content = read(name, asked)
    fits(len(content))
    try:
        return decode(asked.scope.file(name).path, content)
    except MalformedError as error:
        raise RefusedError(f"`{name}` cannot be read: {error.message}") from error


def _file(values: Sequence[Node], asked: Asked) -> Node:
    source = opened(text(values[0]), asked)
    at = Borrowed(Span(source, 0, len(source.text)), asked.at, written(asked.at))
    return Rendered(source.text, at, None, (Passage(source, source.text),))


def _exists(values: Sequence[Node], asked: Asked) -> Node:
    try:
        asked.scope.file(text(values[0]))
    except MissingError:
        return made(False, asked.at)
    except SourceError as error:
        raise UndecidedError(str(error)) from error
    return made(True, asked.at)


def _in_base64(values: Sequence[Node], asked: Asked) -> Node:
    import base64

    content = read(text(values[0]), asked)
    fits(len(content))
    return made(base64.b64encode(content).decode(), asked.at)


def _template_file(values: Sequence[Node], asked: Asked) -> Node:
    value = _filled(opened(text(values[0]), asked), values[1], asked)
    return lent(value, asked.at, written(asked.at))


def _template_string(values: Sequence[Node], asked: Asked) -> Node:
    """A template that is a value itself: it stands nowhere as it is, so its places are that of the call."""
    value = _filled(Source(asked.at.source.path, text(values[0])), values[1], asked)
    return computed(pieces(value), asked.at)


def _filled(source: Source, variables: Node, asked: Asked) -> Node:
    """A template in which only the variables that it is given have names."""
    from kms_lint.syntax import hcl

    if TEMPLATE in asked.scope.names:
        raise RefusedError("a template cannot be filled within another one")
    names: dict[str, Node] = {}
    for name, value in entries(variables):
        if not name.known:
            raise UndecidedError
        names[str(name)] = value
    try:
        template = hcl.template(source)
    except MalformedError as error:
        line, column = error.at.source.position(error.at.start)
        raise RefusedError(f"{source.path}:{line}:{column}: {error.message}") from error
    inner = asked.scope.unbound.bound({**names, TEMPLATE: Scalar(True, "true", asked.at)})
    return string(inner.evaluate(template))


def _directory(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path)) if path else "."


def _basename(path: str) -> str:
    stripped = path.rstrip("/")
    if not stripped:
        return "/" if path else "."
    return stripped.rpartition("/")[2]


def _expanded(values: Sequence[Node], asked: Asked) -> Node:
    path = text(values[0])
    if path.startswith("~"):
        raise UndecidedError("it depends on who runs it")
    return Text(path, asked.at)


def _absolute(values: Sequence[Node], asked: Asked) -> Node:
    path = text(values[0])
    if not path.startswith("/"):
        raise UndecidedError("it depends on where it is run")
    return Text(posixpath.normpath(path), asked.at)


def _found(values: Sequence[Node], asked: Asked) -> Node:
    from kms_lint.load.terraform.functions.globs import matching

    return matching(text(values[0]), text(values[1]), asked)


FUNCTIONS: Final = {
    "file": Function(1, 1, _file),
    "fileexists": Function(1, 1, _exists),
    "filebase64": Function(1, 1, _in_base64),
    "fileset": Function(2, 2, _found),
    "templatefile": Function(2, 2, _template_file, deep=True),
    "templatestring": Function(2, 2, _template_string, deep=True),
    "basename": plainly("s", _basename),
    "dirname": plainly("s", _directory),
    "pathexpand": Function(1, 1, _expanded),
    "abspath": Function(1, 1, _absolute),
}
