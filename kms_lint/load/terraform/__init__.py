"""Terraform and OpenTofu: the keys, policies, grants and aliases of modules.

https://developer.hashicorp.com/terraform/language
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kms_lint.load.options import Options
from kms_lint.model import Document

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.load.terraform.folders import Beside


def _nothing_beside(location: str, shown: str, files: Sequence[File]) -> list[File]:
    """What else there is in a folder for those who have given all of it."""
    return []


def folder(files: Sequence[File], options: Options) -> tuple[Document, ...]:
    """One document for each `.tf`, `.tofu`, `.tf.json` and `.tofu.json` file of one folder; its `.tfvars` files give values to its variables.

    Raises `SourceError` for a file that cannot be read.
    """
    return tuple(modules(files, _nothing_beside, options))


def modules(files: Sequence[File], beside: Beside, options: Options) -> Iterator[Document]:
    """One document for each `.tf` and `.tofu` file, each folder of which is a module.

    A module that no other one calls is a root module, judged with the values of its own variables; one that is called is
    judged as its callers make it. `beside` gives the files of a folder that are not among these: they are read with them,
    and so are the modules that are called, and none of them gives a document.
    Raises `SourceError` for a file that cannot be read.
    """
    from kms_lint.load.terraform.roots import documents

    given: dict[str, list[File]] = {}
    for file in files:
        given.setdefault(os.path.dirname(file.location), []).append(file)
    yield from documents(given, beside, options)
