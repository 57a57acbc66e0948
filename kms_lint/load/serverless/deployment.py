"""A service as a document: the template that it becomes, and the roles that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.load.options import Options
from kms_lint.load.serverless.merging import extended, section, templates
from kms_lint.load.serverless.roles import PER_FUNCTION, functions, member, roles
from kms_lint.load.serverless.variables import Variables
from kms_lint.model import Consumer, Document, Identity, Status, Unresolved
from kms_lint.source import Source
from kms_lint.syntax.tree import Items, Mapping, Node, Text

if TYPE_CHECKING:
    from kms_lint.files import File

KIND: Final = "service of the Serverless Framework"
"""What a service is called."""

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Outputs")
_USED: Final = ("provider", "functions", "resources")


def service(node: Mapping, name: str, file: File, source: Source, options: Options) -> Document:
    """All that a service says about keys and policies; `name` is what its file is called."""
    from kms_lint.load.content import judged

    variables = Variables(node, file, options)
    used = [(key, variables.resolve(value)) for key, value in node.entries if key in _USED]
    plugin = member(node, "custom", PER_FUNCTION)
    used += [(Text("custom", node.at), variables.resolve(plugin))] if plugin is not None else []
    resolved = Mapping(used, node.at)
    provider = resolved.get("provider")
    provider = provider if isinstance(provider, Mapping) else Mapping([], node.at)
    unresolved: list[Unresolved] = []
    template = _template(resolved, provider, unresolved)
    read = judged([template], name, file, source, options)
    if read.status is Status.SKIPPED:
        read = Document(file.path, "cloudformation", KIND, source)
    return replace(
        read,
        kind=KIND,
        unresolved=(*read.unresolved, *unresolved),
        consumers=(*read.consumers, *_consumers(resolved, provider)),
        identities=(*read.identities, *_identities(resolved, provider)),
    )


def _template(service: Mapping, provider: Mapping, unresolved: list[Unresolved]) -> Mapping:
    """The template that the service becomes, as far as it is about policies and keys."""
    parts = templates(service.get("resources"), unresolved)
    made = Mapping(list(roles(service, provider)), service.at)
    resources = extended(section(parts, "Resources", made), parts, unresolved)
    entries: list[tuple[Text, Node]] = [(Text("Resources", service.at), resources)]
    for name in _SECTIONS:
        found = section(parts, name, Mapping([], service.at))
        entries += [(Text(name, found.at), found)] if len(found) else []
    return Mapping(
        [(Text("AWSTemplateFormatVersion", service.at), Text("2010-09-09", service.at)), *entries], service.at
    )


def _consumers(service: Mapping, provider: Mapping) -> Iterator[Consumer]:
    """What has Lambda encrypt the environment of functions with a key."""
    wanted = [("provider", provider)]
    wanted += [(f"functions.{name}", function) for name, function in functions(service.get("functions"))]
    for address, holder in wanted:
        for name in ("kmsKeyArn", "awsKmsKeyArn"):
            key = member(holder, name)
            if key is not None:
                text = key if isinstance(key, Text) else None
                yield Consumer(f"{address}.{name}", key.at, "AWS::Lambda::Function", "lambda", text, _logical_id(key))


def _identities(service: Mapping, provider: Mapping) -> Iterator[Identity]:
    """The roles that are named and not made here."""
    role = member(provider, "iam", "role")
    named = [("provider.iam.role", role), ("provider.role", member(provider, "role"))]
    named += [(f"functions.{name}.role", member(each, "role")) for name, each in functions(service.get("functions"))]
    for address, arn in named:
        if isinstance(arn, Text) and arn.startswith("arn:"):
            yield Identity(address, arn.at, "role", None, arn)


def _logical_id(node: Node) -> str | None:
    """The resource that `Ref` or `Fn::GetAtt` leads to."""
    if not isinstance(node, Mapping) or len(node) != 1:
        return None
    name, argument = node.entries[0]
    first = argument.values[0] if isinstance(argument, Items) and len(argument) else argument
    if name not in ("Ref", "Fn::GetAtt") or not isinstance(first, Text):
        return None
    return first.partition(".")[0]
