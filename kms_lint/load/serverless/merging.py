"""The template that a service becomes: its resources, which may be several templates, put together.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

from collections.abc import Iterable

from kms_lint.model import Unresolved
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown


def templates(node: Node | None, unresolved: list[Unresolved]) -> list[Mapping]:
    """The templates under `resources`, one or a list of them; what is not known is noted."""
    found: list[Mapping] = []
    for each in node.values if isinstance(node, Items) else (node,):
        if isinstance(each, Mapping):
            found.append(each)
        elif isinstance(each, Unknown):
            message = each.reason or "it is only known when the service is deployed"
            unresolved.append(Unresolved(each.expression, f"resources are not known: {message}", each.at))
    return found


def merged(first: Mapping, second: Mapping) -> Mapping:
    """Two objects as one: what is in both is put together where it is an object, else the second counts."""
    entries = dict(first.entries)
    for name, value in second.entries:
        here = entries.get(name)
        entries[name] = merged(here, value) if isinstance(here, Mapping) and isinstance(value, Mapping) else value
    return Mapping(list(entries.items()), first.at)


def section(templates: Iterable[Mapping], name: str, base: Mapping) -> Mapping:
    """A section of all templates, beginning with what is in `base`."""
    found = base
    for template in templates:
        value = template.get(name)
        if isinstance(value, Mapping):
            found = merged(found, value)
    return found


def extended(resources: Mapping, templates: Iterable[Mapping], unresolved: list[Unresolved]) -> Mapping:
    """The resources with what `extensions` of the templates add to their properties."""
    entries = dict(resources.entries)
    for template in templates:
        extensions = template.get("extensions")
        for name, extension in extensions.entries if isinstance(extensions, Mapping) else ():
            resource = entries.get(name)
            if isinstance(resource, Mapping) and isinstance(extension, Mapping):
                entries[name] = merged(resource, extension)
            elif _holds_policies(extension):
                message = f"it adds to `{name}`, which the Serverless Framework makes"
                unresolved.append(Unresolved(f"extensions.{name}", message, name.at))
    return Mapping(list(entries.items()), resources.at)


def _holds_policies(extension: Node) -> bool:
    properties = extension.get("Properties") if isinstance(extension, Mapping) else None
    if properties is None or isinstance(properties, Text | Scalar):
        return False
    return not isinstance(properties, Mapping) or any("Polic" in name for name, _ in properties.entries)
