"""Terraform and OpenTofu: the keys, policies, grants and aliases of a folder.

https://developer.hashicorp.com/terraform/language
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kms_lint.load.options import Options
from kms_lint.model import Document

if TYPE_CHECKING:
    from kms_lint.files import File

_SUFFIXES: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")


def folder(files: Sequence[File], options: Options) -> tuple[Document, ...]:
    """One document for each `.tf`, `.tofu`, `.tf.json` and `.tofu.json` file of one folder; its `.tfvars` files give values to its variables.

    Raises `SourceError` for a file that cannot be read.
    """
    from kms_lint.files import content
    from kms_lint.load.terraform.configuration import Configuration, Unit
    from kms_lint.load.terraform.documents import documents
    from kms_lint.load.terraform.variables import variable_files

    units = [Unit(file, content(file)) for file in files if file.path.endswith(_SUFFIXES)]
    units.sort(key=lambda unit: unit.file.path)
    return documents(Configuration(units, variable_files(files, options), options))
