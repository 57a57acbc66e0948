"""Hashes of texts and files.

https://developer.hashicorp.com/terraform/language/functions/sha256
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from kms_lint.load.terraform.functions.filing import read
from kms_lint.load.terraform.functions.signature import Asked, Function, plainly, text
from kms_lint.load.terraform.known import made
from kms_lint.syntax.tree import Node


def _hexadecimal(algorithm: str) -> Callable[[bytes], str]:
    return lambda content: hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def _in_base64(algorithm: str) -> Callable[[bytes], str]:
    return lambda content: base64.b64encode(hashlib.new(algorithm, content, usedforsecurity=False).digest()).decode()


def _of_text(digest: Callable[[bytes], str]) -> Function:
    return plainly("s", lambda value: digest(value.encode("utf-8", "replace")))


def _of_file(digest: Callable[[bytes], str]) -> Function:
    def compute(values: Sequence[Node], asked: Asked) -> Node:
        return made(digest(read(text(values[0]), asked)), asked.at)

    return Function(1, 1, compute)


_ALGORITHMS: Final = ("md5", "sha1", "sha256", "sha512")

FUNCTIONS: Final = {
    **{name: _of_text(_hexadecimal(name)) for name in _ALGORITHMS},
    **{f"base64{name}": _of_text(_in_base64(name)) for name in ("sha256", "sha512")},
    **{f"file{name}": _of_file(_hexadecimal(name)) for name in _ALGORITHMS},
    **{f"filebase64{name}": _of_file(_in_base64(name)) for name in ("sha256", "sha512")},
}
