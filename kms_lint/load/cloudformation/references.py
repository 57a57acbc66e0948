"""What the names in a template stand for: parameters, pseudo parameters and resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kms_lint.load.cloudformation.attributes import IDENTITIES, SERVERLESS_ROLE, Identity
from kms_lint.load.cloudformation.pieces import joined, moved
from kms_lint.load.options import Options
from kms_lint.load.reading import plain
from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

_DEPTH: Final = 20
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}


class References:
    """Answers `Ref` and `Fn::GetAtt` for one template.

    `resolve` works out the functions in the names of resources; the template sets it.
    """

    resolve: Callable[[Node | None], Node | None]

    def __init__(self, parameters: Mapping | None, resources: Mapping | None, options: Options) -> None:
        """`parameters` and `resources` are those of the template, as they are written."""
        self._parameters = parameters
        self._resources = resources
        self._options = options
        self._names: dict[str, Node] = {}
        self._following: list[str] = []
        self.account = options.account or "<account>"
        self.partition = options.partition or "<partition>"
        self.region = options.region or "<region>"
        stack = f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/<StackName>/<StackId>"
        self._pseudo_parameters: dict[str, tuple[str, str | None]] = {
            "AWS::AccountId": (self.account, None),
            "AWS::Partition": (self.partition, None),
            "AWS::Region": (self.region, None),
            "AWS::URLSuffix": (_SUFFIXES.get(self.partition, "amazonaws.com"), None),
            "AWS::StackName": ("<AWS::StackName>", "<StackName>"),
            "AWS::StackId": ("<AWS::StackId>", stack),
        }

    def value(self, name: str, at: At) -> Node:
        """What `Ref` of a name gives."""
        if name.startswith("AWS::"):
            return self._pseudo(name, at)
        parameter = self._parameters.get(name) if self._parameters is not None else None
        if parameter is not None:
            return self._parameter(name, parameter, at)
        properties, identity = self._resource(name)
        if identity is None:
            return Unknown(f"!Ref {name}", at, self._why(name))
        return self._filled(name, identity.reference, identity, properties, at, name)

    def attribute(self, name: str, attribute: str, at: At) -> Node:
        """What `Fn::GetAtt` of a resource's attribute gives."""
        properties, identity = self._resource(name)
        pattern = identity.attributes.get(attribute) if identity else None
        if identity is None or pattern is None:
            return Unknown(f"!GetAtt {name}.{attribute}", at, self._why(name))
        return self._filled(name, pattern, identity, properties, at, f"{name}.{attribute}")

    def _why(self, name: str) -> str:
        if self._resources is None or name not in self._resources:
            return f"the template has no parameter and no resource `{name}`"
        return ""

    def _pseudo(self, name: str, at: At) -> Node:
        if name not in self._pseudo_parameters:
            return Unknown(f"!Ref {name}", at)
        shown, form = self._pseudo_parameters[name]
        return Text(shown, at, form)

    def _parameter(self, name: str, parameter: Node | None, at: At) -> Node:
        """What a parameter holds; its default stands where it is written, since that is the place to change."""
        given = self._options.parameters.get(name)
        type = parameter.get("Type") if isinstance(parameter, Mapping) else None
        kind = str(type) if isinstance(type, Text) else "String"
        if given is None:
            default = parameter.get("Default") if isinstance(parameter, Mapping) else None
            value = plain(default) if isinstance(default, Scalar) else default
            if not isinstance(value, Text) or kind.startswith("AWS::SSM::Parameter::Value"):
                return Unknown(f"!Ref {name}", at)
            given, at = str(value), Borrowed(value.at, at, f"parameter {name}", True)
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return Items([Text(part.strip(), at) for part in given.split(",")], at)
        return Text(given, at)

    def _resource(self, name: str) -> tuple[Mapping | None, Identity | None]:
        resource = self._resources.get(name) if self._resources is not None else None
        if not isinstance(resource, Mapping):
            return self._serverless_role(name)
        type, properties = resource.get("Type"), resource.get("Properties")
        identity = IDENTITIES.get(str(type)) if isinstance(type, Text) else None
        return properties if isinstance(properties, Mapping) else None, identity

    def _serverless_role(self, name: str) -> tuple[Mapping | None, Identity | None]:
        made_for = name.removesuffix("Role")
        function = self._resources.get(made_for) if made_for != name and self._resources is not None else None
        if isinstance(function, Mapping) and function.get("Type") == "AWS::Serverless::Function":
            return None, SERVERLESS_ROLE
        return None, None

    def _filled(
        self, id: str, pattern: str, identity: Identity, properties: Mapping | None, at: At, shown: str
    ) -> Node:
        """A pattern with its fields filled in, shown as the reference that was written."""
        fields: dict[str, Node] = {
            "account": Text(self.account, at),
            "partition": Text(self.partition, at),
            "region": Text(self.region, at),
            "id": Text(id, at),
        }
        pieces: list[Node] = []
        for index, part in enumerate(pattern.replace("}", "{").split("{")):
            if index % 2 and part not in fields:
                fields[part] = self._named(id, identity, properties, part, at)
            pieces.append(fields[part] if index % 2 else Text(part, at))
        return _shown(moved(joined(pieces, at, shown), at), shown, pattern == "{name}")

    def _named(self, id: str, identity: Identity, properties: Mapping | None, part: str, at: At) -> Node:
        """The name of a resource, or its path; a name that AWS will make up stays `<id>`."""
        made_up = Text(f"<{id}>" if part == "name" else "/", at)
        property = identity.name if part == "name" else "Path"
        written = properties.get(property) if properties is not None and property else None
        if written is None:
            return made_up
        if f"{id}.{part}" not in self._names:
            if id in self._following or len(self._following) >= _DEPTH:
                return Unknown(f"!Ref {id}", at, "its name leads through too many others, or back to itself")
            self._following.append(id)
            self._names[f"{id}.{part}"] = self.resolve(written) or made_up
            self._following.pop()
        return self._names[f"{id}.{part}"]


def _shown(node: Node, shown: str, plainly: bool) -> Node:
    """The node with the reference in place of the text that is reasoned about, unless the text is a known name."""
    if not isinstance(node, Text) or not node.known:
        return node
    if plainly and "<" not in node:
        return node
    form = node.form
    return Text(f"<{shown}>", node.at, form if form != f"<{shown}>" else None)
