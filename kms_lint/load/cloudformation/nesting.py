"""What a template says about a stack that it nests: where its template is, and what it is given.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kms_lint.load.cloudformation.budget import TOO_DEEP
from kms_lint.load.cloudformation.intrinsics import Member
from kms_lint.load.cloudformation.parameters import Passed
from kms_lint.load.cloudformation.spelling import function
from kms_lint.syntax.tree import Mapping, Node, Text, Unknown

_ELSEWHERE: Final = ("s3://", "http://", "https://")


def location(member: Member) -> str | Unknown:
    """Where the template of a nested stack is, as it is written, or as CDK notes it."""
    assert isinstance(member.value, Mapping)
    metadata, properties = member.value.get("Metadata"), member.value.get("Properties")
    asset = metadata.get("aws:asset:path") if isinstance(metadata, Mapping) else None
    if isinstance(asset, Text):
        return str(asset)
    written = properties.get("TemplateURL") if isinstance(properties, Mapping) else None
    url = member.intrinsics.resolve(written)
    at = member.name.at
    if not isinstance(url, Text) or url.form != url:
        return Unknown("TemplateURL", at, "where the template of the nested stack is, is not known")
    if url.startswith(_ELSEWHERE):
        return Unknown("TemplateURL", at, "the template of the nested stack is no file of this repository")
    return str(url)


def handed_on(member: Member, parameter: str) -> str | None:
    """The parameter of the template around that a nested one is given as it is."""
    properties = member.value.get("Properties") if isinstance(member.value, Mapping) else None
    given = properties.get("Parameters") if isinstance(properties, Mapping) else None
    called = function(given.get(parameter)) if isinstance(given, Mapping) else None
    if called is None or called[0] != "Ref" or not isinstance(called[1], Text):
        return None
    return str(called[1])


def passed_by(member: Member) -> Passed:
    """What a nested stack is given for its parameters."""
    properties = member.value.get("Properties") if isinstance(member.value, Mapping) else None
    written = properties.get("Parameters") if isinstance(properties, Mapping) else None
    named: dict[str, Member] = {}
    if isinstance(written, Mapping):
        named = {str(each.name): each for each in member.intrinsics.members(written) if isinstance(each, Member)}
    known: dict[tuple[str, bool], Node | None] = {}

    def passed(name: str, certain: bool) -> Node | None:
        if (name, certain) not in known:
            given = named.get(name)
            if given is None:
                return Unknown(name, member.name.at) if _is_made(written) else None
            known[name, certain] = Unknown(name, given.name.at, TOO_DEEP)  # for as long as it is worked out
            known[name, certain] = replace(given.intrinsics, certain=certain).resolve(given.value)
        return known[name, certain]

    return passed


def _is_made(written: Node | None) -> bool:
    """Whether functions make the values that are passed, so that there may be others."""
    return isinstance(written, Mapping) and any(name.startswith("Fn::") for name, _ in written.entries)
