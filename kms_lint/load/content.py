"""What a JSON or YAML file is, told by what it says and not by its name."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kms_lint.errors import MalformedError
from kms_lint.load.options import Options
from kms_lint.load.templated import is_template, with_unknown
from kms_lint.model import Document, Policy, PolicyKind, Problem, Status, Unresolved
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.tree import Items, Mapping, Node

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.load.shape import Guess

_MARKS: Final = (
    b"Statement",
    b"AWS::KMS",
    b"AWS::IAM",
    b"AWS::CloudFormation::Stack",
    b"AWS::Include",
    b"AWS::Serverless",
    b"kms:",
    b"aws_kms_",
    b"kms.amazonaws.com",
    b"AWS::EC2::VPCEndpoint",
    b'"aws_vpc_endpoint"',
    b"TrailARN",
    b"ExcludeManagementEventSources",
    b'"aws_iam_',
    b'"aws_vpc_endpoint',
    b'"aws_organizations_policy',
    b'"Grants"',
    b'"encrypted_data"',
    b'"KeyMetadata"',
    b'"KeyRotationEnabled"',
    b'"AliasName"',
    b"KeyMetadata:",
    b"KeyRotationEnabled:",
    b"Grants:",
    b"AliasName:",
    b"DetailList",
    b"onfigurationItem",
    b"statements:",
    b'"statements"',
)
_LOOKS_LIKE_OURS: Final = ("kms:", "AWS::KMS::", "aws_kms_")
_OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_BINARY_PLAN: Final = b"PK\x03\x04"
_SHOW_THE_PLAN: Final = (
    "this is a binary file, such as a plan of Terraform: check what `terraform show -json PLAN` prints instead"
)
_PRINTED_AS_TEXT: Final = re.compile(r"\t(?:default|AWS_RAM)\s*\Z")
"""How `get-key-policy --output text` ends: the policy is followed by its name."""
_LONGEST_NAME: Final = 20
_YAML: Final = (".yaml", ".yml", ".template")
_JSON_LINES: Final = (".jsonl", ".ndjson")


def document(file: File, options: Options) -> Document:
    """What a file holds; skipped when that is nothing for us, malformed when it should be something and is broken."""
    from kms_lint import files

    content = files.content(file)
    if file.named and content.startswith(_BINARY_PLAN):
        source = Source(file.path, "")
        return _malformed(file, MalformedError(_SHOW_THE_PLAN, Span(source, 0, 0)), True)
    if not file.named and not content.startswith(_OTHER_ENCODINGS) and not any(mark in content for mark in _MARKS):
        return Document(file.path, _format(file.path), "", status=Status.SKIPPED)
    try:
        source = files.decode(file.path, content)
    except MalformedError as error:
        return _malformed(file, error, any(mark in content for mark in _MARKS))
    if _begins_like_json(source):
        from kms_lint.load import terraform_plan

        planned = terraform_plan.document(file.path, source, options)
        if planned is not None:
            return planned
    try:
        nodes = _parsed(file, source)
    except MalformedError as error:
        series = _series(file, source, options)
        return series or _malformed(file, error, ours(source) and not _of_another_tool(source))
    if not nodes:
        return Document(file.path, _format(file.path), "", status=Status.SKIPPED)
    return judged(nodes, os.path.basename(file.path), file, source, options)


def judged(nodes: Sequence[Node], name: str, file: File, source: Source, options: Options) -> Document:
    """What the trees of a text hold; a policy among them goes by `name`, with its index where there are several."""
    names = [name] if len(nodes) == 1 else [f"{name}[{index}]" for index in range(len(nodes))]
    each = zip(nodes, names, strict=True)
    return together([_document(node, name, file, source, options) for node, name in each])


def speaks_of_keys(text: str) -> bool:
    """Whether something in a text may be for us."""
    return any(mark.decode() in text for mark in _MARKS)


def _series(file: File, source: Source, options: Options) -> Document | None:
    """The values of a file that holds several of JSON: each is judged, whatever is wrong with the others."""
    from kms_lint.syntax import json_stream

    listed = _begins_like_json(source) or file.path.endswith(_JSON_LINES)
    stream = json_stream.parse(source) if listed else None
    if stream is None:
        return None
    from kms_lint.load.series import series

    told = file.named or ours(source)
    name = os.path.basename(file.path)
    return series(
        stream, file.path, source, told, lambda node, at: _document(node, f"{name}[{at}]", file, source, options)
    )


def _format(path: str, source: Source | None = None) -> str:
    """What a file is written in: told by its first character where it was read, else by its name."""
    if source is not None and _begins_like_json(source):
        return "json"
    if source is not None and source.within is not None:
        return "yaml"
    return "yaml" if path.endswith(_YAML) else "json"


def _begins_like_json(source: Source) -> bool:
    return source.text[:100].lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def _parsed(file: File, source: Source) -> tuple[Node, ...]:
    """The trees of a file: of JSON by its first character, of YAML where the name says so or where it was named."""
    if _begins_like_json(source) or file.path.endswith((".json", *_JSON_LINES)):
        return _json(file, source)
    if not file.path.endswith(_YAML) and os.path.splitext(file.path)[1] and not ours(source):
        return ()
    from kms_lint.syntax import yaml

    return yaml.parse(source)


def _json(file: File, source: Source) -> tuple[Node, ...]:
    """JSON; YAML in flow style, or JSON with comments, is read as YAML where the name says so."""
    from kms_lint.syntax import json

    named = _PRINTED_AS_TEXT.search(source.text, max(0, len(source.text) - _LONGEST_NAME))
    try:
        return (json.parse(Passage(source, source.text[: named.start()] if named else source.text)),)
    except MalformedError:
        if not file.path.endswith(_YAML):
            raise
        from kms_lint.syntax import yaml

        return yaml.parse(source)


def ours(source: Source) -> bool:
    """Whether a text speaks of KMS, so that it is a finding when it cannot be parsed."""
    return any(mark in source.text for mark in _LOOKS_LIKE_OURS)


def _of_another_tool(source: Source) -> bool:
    """Whether a text is a template, such as those of Helm charts, that says nothing of policies or of CloudFormation."""
    text = source.text
    return "{{" in text and not any(mark in text for mark in ("Statement", "AWS::", "aws_kms_"))


def _malformed(file: File, error: MalformedError, wanted: bool) -> Document:
    format = _format(file.path, error.at.source)
    if not wanted and not file.named:
        return Document(file.path, format, "", status=Status.SKIPPED)
    problem = Problem("malformed-document", error.message, error.at)
    kind = "YAML" if format == "yaml" else "JSON"
    return Document(file.path, format, kind, error.at.source, Status.MALFORMED, problems=(problem,))


def _document(node: Node, name: str, file: File, source: Source, options: Options) -> Document:
    """What one tree holds; a policy goes by `name`."""
    from kms_lint.load.policy import guessed

    if isinstance(node, Mapping):
        guess = guessed(node)
        if guess is None:
            return _object(node, name, file, source, options)
        return _policies([(name, node, guess)], file, source, options)
    return _list(node, name, file, source, options)


def _list(node: Node, name: str, file: File, source: Source, options: Options) -> Document:
    """What a list holds: policies, answers of AWS, or both."""
    from kms_lint.load.answers import answers
    from kms_lint.load.policy import guessed
    from kms_lint.load.series import MOST_POLICIES, TOO_MANY

    found: list[tuple[str, Node, Guess]] = []
    others: list[Node] = []
    rest: tuple[Unresolved, ...] = ()
    for at, each in enumerate(node.values if isinstance(node, Items) else ()):
        if len(found) >= MOST_POLICIES:
            rest = (Unresolved("the rest of the list", TOO_MANY, Span(source, 0, 0)),)
            break
        guess = guessed(each)
        if guess is None:
            others.append(each)
        else:
            found.append((f"{name}[{at}]", each, guess))
    printed = answers(Items(others, node.at), file.path, source, options) if others else None
    read = [_policies(found, file, source, options)] if found else []
    read += [printed] if printed is not None else []
    if rest:
        read.append(Document(file.path, _format(file.path, source), read[0].kind, source, unresolved=rest))
    return together(read) if read else Document(file.path, _format(file.path), "", status=Status.SKIPPED)


def _object(node: Mapping, name: str, file: File, source: Source, options: Options) -> Document:
    from kms_lint.load.answers import answer, answers

    printed = answer(node, file.path, source, options)
    if printed is not None:
        return printed
    from kms_lint.load.serverless.shape import is_service

    if is_service(node):
        from kms_lint.load.serverless import service

        return service(node, name, file, source, options)
    from kms_lint.load.cloudformation import is_template, template
    from kms_lint.load.shape import Guess, is_version

    if is_template(node):
        return template(node, file.path, source, options, file)
    if is_version(node.get("Version")) or (options.kind is not None and file.named):
        guess = Guess(PolicyKind.IDENTITY, True)
        return _policies([(name, node, guess)], file, source, options)
    printed = answers(node, file.path, source, options)
    return printed or Document(file.path, _format(file.path), "", status=Status.SKIPPED)


def _policies(found: list[tuple[str, Node, Guess]], file: File, source: Source, options: Options) -> Document:
    if is_template(source.text):
        found = [(address, with_unknown(node), guess) for address, node, guess in found]
    policies = tuple(policy for address, node, guess in found for policy in _policy(address, node, guess, options))
    kinds = dict.fromkeys(policy.kind.value.replace("-", " ") for policy in policies)
    return Document(file.path, _format(file.path, source), " and ".join(kinds), source, policies=policies)


def _policy(address: str, node: Node, guess: Guess, options: Options) -> tuple[Policy, ...]:
    from kms_lint.load.policy import policies

    kind, assumed = guess if options.kind is None else (options.kind, False)
    return policies(node, kind, address, owner=options.account, assumed=assumed)


def together(documents: list[Document]) -> Document:
    """The documents of one file as one."""
    judged = [document for document in documents if document.status is not Status.SKIPPED]
    if len(judged) <= 1:
        return (judged or documents)[0]
    from dataclasses import replace

    return replace(
        judged[0],
        kind=" and ".join(dict.fromkeys(document.kind for document in judged)),
        status=Status.JUDGED,
        keys=tuple(key for document in judged for key in document.keys),
        policies=tuple(policy for document in judged for policy in document.policies),
        grants=tuple(grant for document in judged for grant in document.grants),
        aliases=tuple(alias for document in judged for alias in document.aliases),
        problems=tuple(problem for document in judged for problem in document.problems),
        unresolved=tuple(unresolved for document in judged for unresolved in document.unresolved),
        ignores=tuple(ignore for document in judged for ignore in document.ignores),
        consumers=tuple(consumer for document in judged for consumer in document.consumers),
        identities=tuple(identity for document in judged for identity in document.identities),
        trails=tuple(trail for document in judged for trail in document.trails),
        endpoints=tuple(endpoint for document in judged for endpoint in document.endpoints),
        public_keys_read=tuple(read for document in judged for read in document.public_keys_read),
        deliveries=tuple(delivery for document in judged for delivery in document.deliveries),
        shares=tuple(share for document in judged for share in document.shares),
    )
