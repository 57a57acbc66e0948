"""The rule files without their examples, as one JSON text: read at every start instead of a hundred YAML files.

`hatch_build.py` puts it into the wheel as `kms_lint/rules.json`; in a checkout it is made from `rules/` in memory.
"""

from __future__ import annotations

import os
from typing import TypeAlias

Described: TypeAlias = dict[str, object]
"""What a rule file says, but for its examples."""

EXAMPLES = ("fail", "pass")


def descriptions(folder: str) -> dict[str, Described]:
    """What each rule file of a folder says, by the name of the rule. The files are taken to follow the schema."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found[name.removesuffix(".yaml")] = yaml.load(without_examples(file.read()), loader)
    return found


def compiled(folder: str) -> str:
    """The compiled file."""
    import json

    return json.dumps(descriptions(folder), ensure_ascii=False, separators=(",", ":"))


def without_examples(text: str) -> str:
    """A rule file up to its examples, which stand last and are most of it."""
    ends = [place for word in EXAMPLES if (place := text.find(f"\n{word}:")) >= 0]
    return text[: min(ends) + 1] if ends else text
