"""Files that override others of their folder, and files that hide others.

https://developer.hashicorp.com/terraform/language/files/override
https://opentofu.org/docs/language/files/#file-extension
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.syntax.expression import Argument, Block

if TYPE_CHECKING:
    from kms_lint.load.terraform.unit import Unit

_SUFFIXES: Final = (".tf.json", ".tofu.json", ".tf", ".tofu")
_MERGED_INSIDE: Final = frozenset({"lifecycle", "required_providers"})
"""Nested blocks that are merged by argument, and not replaced as a whole."""


def stem(path: str) -> tuple[str, str]:
    """The name of a file without its suffix, and the suffix."""
    name = os.path.basename(path)
    suffix = next((each for each in _SUFFIXES if name.endswith(each)), "")
    return name.removesuffix(suffix), suffix


def overrides(path: str) -> bool:
    """Whether a file is one that overrides others."""
    name, _ = stem(path)
    return name == "override" or name.endswith("_override")


def unhidden(units: Sequence[Unit]) -> list[Unit]:
    """The files that count: OpenTofu leaves out a `.tf` file beside a `.tofu` file of the same name."""
    names = {os.path.basename(unit.file.path) for unit in units}
    hidden = {name.replace(".tofu", ".tf") for name in names if stem(name)[1].startswith(".tofu")}
    return [unit for unit in units if os.path.basename(unit.file.path) not in hidden]


def merged(base: Block, override: Block) -> Block:
    """A block with what an override file says of it: arguments are replaced one by one, nested blocks by their type."""

    def arguments() -> dict[str, Argument]:
        return {**base.arguments(), **override.arguments()}

    def blocks() -> Sequence[Block]:
        replaced = {_kind(each) for each in override.blocks()}
        kept = [each for each in base.blocks() if _kind(each) not in replaced - _MERGED_INSIDE]
        places = {str(each.type): index for index, each in enumerate(kept) if each.type in _MERGED_INSIDE}
        for each in override.blocks():
            if each.type in places:
                kept[places[each.type]] = merged(kept[places[each.type]], each)
            else:
                kept.append(each)
        return kept

    return replace(base, arguments=arguments, blocks=blocks)


def _kind(block: Block) -> str:
    """The type of the blocks that a nested block stands for."""
    return str(block.labels[0] if block.type == "dynamic" and block.labels else block.type)
