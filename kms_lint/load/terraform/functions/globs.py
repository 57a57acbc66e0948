"""`fileset`: the files of a folder whose paths match a pattern.

https://developer.hashicorp.com/terraform/language/functions/fileset
"""

from __future__ import annotations

import os
import re
from typing import Final

from kms_lint.errors import MissingError, SourceError
from kms_lint.load.terraform.functions.signature import Asked
from kms_lint.load.terraform.limits import UndecidedError
from kms_lint.load.terraform.scope import TOO_LARGE
from kms_lint.load.terraform.value import SetOf
from kms_lint.syntax.tree import Node, Text

_MOST: Final = 5_000
_DEEPEST: Final = 20
_SPECIAL: Final = re.compile(r"\*\*/|\*\*|\*|\?|\{|\}|,|\[|\\")


def matching(folder: str, pattern: str, asked: Asked) -> Node:
    """The paths, from the folder on. Raises UndecidedError for a folder or a pattern that is not looked into."""
    if any(character in pattern for character in "[]\\") or pattern.startswith("/") or ".." in pattern:
        raise UndecidedError("this pattern is not worked out")
    expression = re.compile(_translated(pattern))
    try:
        root = asked.scope.folder(folder)
    except MissingError:
        return SetOf([], asked.at)
    except SourceError as error:
        raise UndecidedError(str(error)) from error
    found = sorted(path for path in _paths(root) if expression.fullmatch(path))
    return SetOf([Text(path, asked.at) for path in found], asked.at)


def _translated(pattern: str) -> str:
    parts: list[str] = []
    at = depth = 0
    for match in _SPECIAL.finditer(pattern):
        parts.append(re.escape(pattern[at : match.start()]))
        at = match.end()
        word = match.group()
        if word == "{":
            depth += 1
        if word == "}":
            depth -= 1
        inside = {"{": "(?:", "}": ")", ",": "|" if depth else ","}
        parts.append({"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", **inside}[word])
    if depth:
        raise UndecidedError("this pattern is not worked out")
    return "".join([*parts, re.escape(pattern[at:])])


def _paths(root: str) -> list[str]:
    """The files under a folder; links are not followed."""
    found: list[str] = []
    waiting = [("", 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            raise UndecidedError("the folder cannot be read") from error
        for entry in entries:
            path = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                waiting.append((path + "/", depth + 1))
            elif entry.is_file(follow_symlinks=False):
                found.append(path)
        if len(found) + len(waiting) > _MOST:
            raise UndecidedError(TOO_LARGE)
    return found
