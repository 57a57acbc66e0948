"""Texts that hold values, and other ways to write texts.

https://developer.hashicorp.com/terraform/language/functions/jsondecode
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from fractions import Fraction
from typing import Final
from urllib.parse import quote_plus

from kms_lint.errors import MalformedError
from kms_lint.load.terraform.conversion import string
from kms_lint.load.terraform.functions.signature import Asked, Function, plainly, text
from kms_lint.load.terraform.known import Plain, made
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.value import Encoded, JsonEncoded, Rendered, is_null, lent, moved, placed, written
from kms_lint.model import Problem
from kms_lint.source import Passage, Source
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

_TRUTHS: Final = {"yes": True, "no": False, "on": True, "off": False}
_ENCODINGS: Final = {
    "UTF-8": "utf-8",
    "UTF-16LE": "utf-16-le",
    "UTF-16BE": "utf-16-be",
    "ISO-8859-1": "iso-8859-1",
    "US-ASCII": "ascii",
    "WINDOWS-1252": "cp1252",
}


def _json_encode(values: Sequence[Node], asked: Asked) -> Node:
    return JsonEncoded(written(asked.at), asked.at, values[0])


def _json_decode(values: Sequence[Node], asked: Asked) -> Node:
    """The tree that a text holds; each value in it stays where it is written."""
    from kms_lint.load.terraform.json_text import decoded

    value = string(values[0])
    if is_null(value):
        raise RefusedError("a string is required, not null")
    if isinstance(value, Encoded):
        return placed(value.node, asked.at)
    problems: list[Problem] = []
    found = decoded(value, problems.append)
    if problems:
        raise RefusedError(problems[0].message)
    if isinstance(found, Unknown):
        return Unknown(written(asked.at), asked.at, found.reason)
    return lent(found, asked.at, written(asked.at))


def _yaml_decode(values: Sequence[Node], asked: Asked) -> Node:
    from kms_lint.syntax import yaml

    value = string(values[0])
    content = text(value)
    part = value.parts[0] if isinstance(value, Rendered) and len(value.parts) == 1 else None
    exact = isinstance(part, Passage) and part.text == part.source.text
    source = part.source if isinstance(part, Passage) and exact else Source(asked.at.source.path, content)
    try:
        documents = yaml.parse(source)
    except MalformedError as error:
        raise RefusedError(f"this is not YAML: {error.message}") from error
    if len(documents) != 1:
        raise RefusedError("there must be one YAML document")
    found = _as_terraform_reads(documents[0])
    return lent(found, asked.at, written(asked.at)) if exact else moved(found, asked.at)


def _as_terraform_reads(node: Node) -> Node:
    """The tree with those plain words that are truths or numbers in YAML 1.1, which we keep as they are written."""
    if isinstance(node, Items):
        return Items([_as_terraform_reads(value) for value in node.values], node.at)
    if isinstance(node, Mapping):
        return Mapping([(name, _as_terraform_reads(value)) for name, value in node.entries], node.at)
    if isinstance(node, Text) and node.lower() in _TRUTHS:
        span = locate(node.at)
        if span.source.text[span.start : span.start + 1] not in ("'", '"', "|", ">"):
            return made(_TRUTHS[node.lower()], node.at)
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value[:2] in ("0x", "0o"):
        return made(Fraction(int(node.value[:1000], 0)), node.at)
    return node


def _yaml_encode(values: Sequence[Node], asked: Asked) -> Node:
    from kms_lint.load.terraform.functions.yaml_encoding import encoded

    return encoded(values[0], asked.at)


def _csv_decode(content: str) -> Plain:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(content), strict=True))
    except csv.Error as error:
        raise RefusedError(f"this is not CSV: {error}") from error
    rows = [row for row in rows if row]
    if not rows or any(len(row) != len(rows[0]) for row in rows) or len(set(rows[0])) < len(rows[0]):
        raise RefusedError("each line of CSV must have as many fields as the first one")
    return tuple(dict(zip(rows[0], row, strict=True)) for row in rows[1:])


def _from_base64(content: str) -> str:
    return _decoded(_bytes(content), "utf-8")


def _bytes(content: str) -> bytes:
    try:
        return base64.b64decode(content.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("this is not base64") from error


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusedError("what it holds is no text") from error


def _encoding(name: str) -> str:
    found = _ENCODINGS.get(name.upper())
    if found is None:
        raise UndecidedError(f"the encoding {name} is not known")
    return found


def _text_to_base64(content: str, encoding: str) -> str:
    try:
        return base64.b64encode(content.encode(_encoding(encoding))).decode()
    except UnicodeEncodeError as error:
        raise RefusedError(f"{encoding} has no such character") from error


def _text_from_base64(content: str, encoding: str) -> str:
    return _decoded(_bytes(content), _encoding(encoding))


FUNCTIONS: Final = {
    "jsonencode": Function(1, 1, _json_encode),
    "jsondecode": Function(1, 1, _json_decode),
    "yamlencode": Function(1, 1, _yaml_encode, deep=True),
    "yamldecode": Function(1, 1, _yaml_decode),
    "csvdecode": plainly("s", _csv_decode),
    "base64encode": plainly("s", lambda content: base64.b64encode(content.encode("utf-8", "replace")).decode()),
    "base64decode": plainly("s", _from_base64),
    "urlencode": plainly("s", lambda content: quote_plus(content, safe="", errors="replace")),
    "textencodebase64": plainly("ss", _text_to_base64),
    "textdecodebase64": plainly("ss", _text_from_base64),
}
