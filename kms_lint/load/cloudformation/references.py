"""What the names in a template stand for: parameters, pseudo parameters and resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.load.cloudformation.attributes import IDENTITIES, SERVERLESS_ROLE, Identity
from kms_lint.load.cloudformation.parameters import Parameters
from kms_lint.load.cloudformation.pieces import joined, moved
from kms_lint.load.options import Options
from kms_lint.source import At
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT, Mapping, Node, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.load.cloudformation.intrinsics import Intrinsics, Member

_DEPTH: Final = 20
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
_STACK: Final = "AWS::CloudFormation::Stack"
_OUTPUTS: Final = "Outputs."


class _Made(NamedTuple):
    """A resource as far as it is named: how, by which properties, and what works them out."""

    identity: Identity | None
    properties: Mapping | None
    intrinsics: Intrinsics | None


class References:
    """Answers `Ref` and `Fn::GetAtt` for one template."""

    def __init__(
        self,
        parameters: Parameters,
        resources: Callable[[], dict[str, Member]],
        output: Callable[[str, str, At], Node],
        options: Options,
        prefix: str,
    ) -> None:
        """`resources` gives those of the template, `output` what a nested stack gives; `prefix` is this one's address."""
        self._parameters = parameters
        self._resources = resources
        self._output = output
        self._prefix = prefix
        self._names: dict[str, Node] = {}
        self._following: list[str] = []
        self.account = options.account or DEPLOYMENT_ACCOUNT
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

    def value(self, name: str, at: At, certain: bool = False) -> Node | None:
        """What `Ref` of a name gives."""
        if name.startswith("AWS::"):
            return self._pseudo(name, at, certain)
        if name in self._parameters:
            return self._parameters.value(name, at, certain)
        made = self._made(name)
        if made.identity is None or certain:
            return Unknown(f"!Ref {name}", at, self._why(name))
        return self._filled(name, made.identity.reference, made, at, name)

    def attribute(self, name: str, attribute: str, at: At, certain: bool = False) -> Node:
        """What `Fn::GetAtt` of a resource's attribute gives."""
        if attribute.startswith(_OUTPUTS) and self._type(name) == _STACK and not certain:
            return self._output(name, attribute.removeprefix(_OUTPUTS), at)
        made = self._made(name)
        pattern = made.identity.attributes.get(attribute) if made.identity else None
        if pattern is None or certain:
            return Unknown(f"!GetAtt {name}.{attribute}", at, self._why(name))
        return self._filled(name, pattern, made, at, f"{name}.{attribute}")

    def address(self, name: str) -> str | None:
        """The address of the resource of a logical id; `None` where there is none."""
        return f"{self._prefix}{name}" if name in self._resources() else None

    def _type(self, name: str) -> str:
        member = self._resources().get(name)
        type = member.value.get("Type") if member is not None and isinstance(member.value, Mapping) else None
        return str(type) if isinstance(type, Text) else ""

    def _why(self, name: str) -> str:
        return "" if name in self._resources() else f"the template has no parameter and no resource `{name}`"

    def _pseudo(self, name: str, at: At, certain: bool) -> Node:
        shown, form = self._pseudo_parameters.get(name, ("", None))
        if not shown or (certain and "<" in shown):
            return Unknown(f"!Ref {name}", at)
        if certain and name == "AWS::URLSuffix" and self.partition == "<partition>":
            return Unknown(f"!Ref {name}", at)
        return Text(shown, at, form)

    def _made(self, name: str) -> _Made:
        member = self._resources().get(name)
        if member is None or not isinstance(member.value, Mapping):
            made_for = name.removesuffix("Role")
            serverless = made_for != name and self._type(made_for) in _WITH_ROLE
            return _Made(SERVERLESS_ROLE if serverless else None, None, None)
        properties = member.value.get("Properties")
        identity = IDENTITIES.get(self._type(name))
        return _Made(identity, properties if isinstance(properties, Mapping) else None, member.intrinsics)

    def _filled(self, id: str, pattern: str, made: _Made, at: At, shown: str) -> Node:
        """A pattern with its fields filled in, shown as the reference that was written."""
        fields: dict[str, Node] = {}
        pieces: list[Node] = []
        for index, part in enumerate(pattern.replace("}", "{").split("{")):
            if not index % 2:
                pieces += [Text(part, at)] * bool(part)
                continue
            if part not in fields:
                fields[part] = self._field(id, made, part, at)
            pieces.append(fields[part])
        return _shown(moved(joined(pieces, at, shown), at), f"{self._prefix}{shown}", pattern == "{name}")

    def _field(self, id: str, made: _Made, part: str, at: At) -> Node:
        """What stands for a field of a pattern."""
        match part:
            case "id":
                return Text(f"{self._prefix}{id}", at)
            case "account":
                return Text(self.account, at)
            case "partition":
                return Text(self.partition, at)
            case "region":
                return Text(self.region, at)
            case _:
                return self._named(id, made, part, at)

    def _named(self, id: str, made: _Made, part: str, at: At) -> Node:
        """The name of a resource, or its path; a name that AWS will make up stays `<id>`."""
        made_up = Text(f"<{self._prefix}{id}>" if part == "name" else "/", at)
        property = made.identity.name if part == "name" and made.identity else "Path"
        written = made.properties.get(property) if made.properties is not None and property else None
        if written is None or made.intrinsics is None:
            return made_up
        if f"{id}.{part}" not in self._names:
            if id in self._following or len(self._following) >= _DEPTH:
                return Unknown(f"!Ref {id}", at, "its name leads through too many others, or back to itself")
            self._following.append(id)
            self._names[f"{id}.{part}"] = made.intrinsics.resolve(written) or made_up
            self._following.pop()
        return self._names[f"{id}.{part}"]


_WITH_ROLE: Final = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})


def _shown(node: Node, shown: str, plainly: bool) -> Node:
    """The node with the reference in place of the text that is reasoned about, unless the text is a known name."""
    if not isinstance(node, Text) or not node.known:
        return node
    if plainly and "<" not in node:
        return node
    form = node.form
    return Text(f"<{shown}>", node.at, form if form != f"<{shown}>" else None)
