"""The identities of unknown values of CloudFormation: a function, and all of the template that it is defined by.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.errors import KmsLintError
from kms_lint.load.definitions import digest
from kms_lint.load.options import Options
from kms_lint.model import Document, Policy
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Rules", "Transform", "Globals")
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_NESTING: Final = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application", "AWS::Include", "Fn::ForEach")
"""With these, what a template says depends on other files, or stands for several texts."""


class Templates:
    """The templates of one side."""

    def __init__(self, options: Options) -> None:
        """`options` are the values that parameters are given from outside."""
        self._outside = digest(f"{name}={value}" for name, value in sorted(options.parameters.items()))
        self._read: dict[Source, _Template | None] = {}

    def identity(self, document: Document, at: Span) -> str:
        """What an expression that is written somewhere is; empty where that is not sure."""
        template = self._template(at.source) if at.source is document.source else None
        if template is None:
            return ""
        text = " ".join(at.source.text[at.start : at.end].split())
        return digest((text, template.sections, self._outside, *template.mentioned(text)))

    def branch(self, document: Document, policy: Policy) -> str:
        """The conditions that a policy depends on, with what they are defined by; empty where that is not sure."""
        template = self._template(document.source) if document.source is not None and policy.branch else None
        return digest((policy.branch, template.sections, self._outside)) if template else ""

    def _template(self, source: Source) -> _Template | None:
        if source not in self._read:
            self._read[source] = _parsed(source)
        return self._read[source]


class _Template:
    """What a template says apart from its resources, and its resources by their names."""

    def __init__(self, tree: Mapping) -> None:
        self.sections = _said(Items([value for name in _SECTIONS if (value := tree.get(name)) is not None], tree.at))
        resources = tree.get("Resources")
        entries = resources.entries if isinstance(resources, Mapping) else ()
        self._resources = {str(name): _said(value) for name, value in entries}

    def mentioned(self, text: str) -> list[str]:
        """The resources that a text names, and those that they name in turn."""
        waiting, found = [text], {}
        while waiting:
            for name in _WORD.findall(waiting.pop()):
                if name in self._resources and name not in found:
                    found[name] = self._resources[name]
                    waiting.append(found[name])
        return [f"{name} {said}" for name, said in sorted(found.items())]


def _said(node: Node) -> str:
    """A node as text, whatever the layout of its file."""
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{str(name)!r}: {_said(value)}" for name, value in node.entries) + "}"
    if isinstance(node, Items):
        return "[" + ", ".join(map(_said, node.values)) + "]"
    return node.text if isinstance(node, Scalar) else repr(str(node))


def _parsed(source: Source) -> _Template | None:
    """A template of which all that it depends on stands in it."""
    if any(word in source.text for word in _NESTING):
        return None
    try:
        tree = _tree(source)
    except KmsLintError:
        return None
    return _Template(tree) if isinstance(tree, Mapping) and "Resources" in tree else None


def _tree(source: Source) -> Node | None:
    from kms_lint.source import Passage
    from kms_lint.syntax import json, yaml

    if source.text.lstrip("\ufeff \t\r\n")[:1] == "{":
        return json.parse(Passage(source, source.text))
    documents = yaml.parse(source)
    return documents[0] if len(documents) == 1 else None
