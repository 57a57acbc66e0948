"""Compares a configuration file with the schema, and says where it is wrong.

Only what the schema uses is understood. jsonschema would cost more time than the rest of a run and knows no places;
a test asks it about the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kms_lint.errors import ConfigError
from kms_lint.spelling import did_you_mean
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Choice, Items, Node, Scalar, Text, Unknown
from kms_lint.syntax.tree import Mapping as Object

_WORDS = {
    "object": "names and values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
}


def checked(node: Node, schema: Mapping[str, Any]) -> None:
    """Raises `ConfigError` for the first thing in a file that the schema does not allow."""
    waiting = [(node, schema, "the configuration")]
    while waiting:
        here, expected, name = waiting.pop()
        types = expected["type"] if isinstance(expected["type"], list) else [expected["type"]]
        if kind(here) not in types:
            words = " or ".join(_WORDS[each] for each in types)
            raise _error(here, f"{name} is {_shown(here)}, and has to be {words}")
        waiting += reversed(list(_inside(here, expected, name)))


def kind(node: Node) -> str:
    """The type of a value, as JSON Schema calls it. A number that is written with leading zeros is text."""
    if isinstance(node, Text):
        return "string"
    if isinstance(node, Scalar):
        if isinstance(node.value, bool):
            return "boolean"
        if node.value is None:
            return "null"
        return "integer" if re.fullmatch(r"-?(0|[1-9][0-9]*)", node.text) else "string"
    return "object" if isinstance(node, Object) else "array" if isinstance(node, Items) else "unknown"


def written(node: Node) -> str:
    """The text of a leaf, just as it is written: account ids keep their zeros, dates stay text."""
    return node.text if isinstance(node, Scalar) else str(node)


def _inside(node: Node, schema: Mapping[str, Any], name: str) -> Iterator[tuple[Node, Mapping[str, Any], str]]:
    if isinstance(node, Object):
        yield from _entries(node, schema, name)
    elif isinstance(node, Items):
        if len(node) < schema.get("minItems", 0):
            raise _error(node, f"{name} is empty")
        for number, value in enumerate(node, 1):
            yield value, schema["items"], f"entry {number} of {name}"
    else:
        _leaf(node, schema, name)


def _entries(node: Object, schema: Mapping[str, Any], name: str) -> Iterator[tuple[Node, Mapping[str, Any], str]]:
    properties = schema.get("properties", {})
    seen: set[str] = set()
    for key, value in node:
        if key in seen:
            raise _error(key, f"`{key}` is written twice")
        seen.add(key)
        expected = properties.get(key, schema["additionalProperties"])
        if expected is False:
            raise _error(key, f"{name} has no key `{key}`{did_you_mean(key, properties)}")
        yield value, expected, f"`{key}`"
    for required in schema.get("required", ()):
        if required not in seen:
            raise _error(node, f"`{required}` is missing here")


def _leaf(node: Node, schema: Mapping[str, Any], name: str) -> None:
    text = written(node)
    if "enum" in schema and text not in schema["enum"]:
        raise _error(
            node, f"`{text}` is no value of {name} ({_list(schema['enum'])}){did_you_mean(text, schema['enum'])}"
        )
    if "pattern" in schema and not re.search(schema["pattern"], text):
        raise _error(node, f"`{text}` is no value of {name}: {_FORMS.get(schema['pattern'], schema['pattern'])}")
    if len(text) < schema.get("minLength", 0):
        raise _error(node, f"{name} is empty")
    if "minimum" in schema and not (len(text) < 10 and schema["minimum"] <= int(text) <= schema["maximum"]):
        raise _error(node, f"{name} is {text}, and has to be from {schema['minimum']} to {schema['maximum']}")


_FORMS = {
    "^[0-9]{12}$": "write an account id of 12 digits, in quotes",
    "^([0-9]{12}|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(user|role|assumed-role|federated-user)/.+)$": "write an account id of "
    "12 digits, in quotes, or an ARN such as arn:aws:iam::444455556666:role/partner",
    "^[a-z]+(-[a-z]+)+-[0-9]+$": "write a Region as in eu-west-1",
    "^aws(-[a-z-]+)?$": "write a partition as in aws-cn",
    "^o-[a-z0-9]{10,32}$": "write an organization as in o-a1b2c3d4e5",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "write a day as in 2027-03-01",
}


def _list(values: list[str]) -> str:
    return f"one of {', '.join(values)}"


def _shown(node: Node) -> str:
    if isinstance(node, Unknown | Choice):
        return "not plain data"
    if kind(node) == "null":
        return "empty"
    return {"object": "names and values", "array": "a list"}.get(kind(node), f"`{written(node)}`")


def _error(node: Node, message: str) -> ConfigError:
    return ConfigError(message, locate(node.at))
