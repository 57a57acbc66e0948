"""What a document as a whole shows: text that cannot be read, alias names, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Hit
from kms_lint.model import Alias, Document, Policy, Problem, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_PREFIX: Final = "alias/"
_RESERVED: Final = "alias/aws/"
_MASK: Final = "****"


@check(Document)
def malformed_document(document: Document, world: World) -> Iterator[Hit]:
    """The file, or a part of it, cannot be parsed."""
    yield from _problems(document, "malformed-document")


@check(Document)
def malformed_policy(document: Document, world: World) -> Iterator[Hit]:
    """AWS refuses a policy for how it is built."""
    yield from _problems(document, "malformed-policy")


@check(Document)
def duplicate_json_key(document: Document, world: World) -> Iterator[Hit]:
    """A name stands twice in one object of a policy."""
    yield from _problems(document, "duplicate-json-key")


@check(Document)
def overridden_statement(document: Document, world: World) -> Iterator[Hit]:
    """A statement of a policy document is replaced by another one with its Sid."""
    yield from _problems(document, "overridden-statement")


@check(Document)
def reserved_alias(document: Document, world: World) -> Iterator[Hit]:
    """The name of an alias is one that only AWS may take, or none that AWS KMS takes at all.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    if document.format == "cli":
        return
    for alias in document.aliases:
        if alias.name is not None:
            yield from _alias_fault(alias, alias.name)


@check(Document)
def key_material_in_code(document: Document, world: World) -> Iterator[Hit]:
    """A secret is written out. Its value is never shown."""
    for secret in document.secrets:
        yield Hit(secret.at, f"{secret.what} is written out here", value=_MASK, resource=secret.address)


def _problems(document: Document, rule: str) -> Iterator[Hit]:
    """What the loaders noted for a rule, in the document and in its policies."""
    for problem in document.problems:
        if problem.rule == rule:
            yield Hit(problem.at, problem.message, problem.value)
    for policy in document.every_policy():
        for problem in policy.problems:
            if problem.rule == rule:
                yield _in_policy(problem, policy)


def _in_policy(problem: Problem, policy: Policy) -> Hit:
    return Hit(problem.at, problem.message, problem.value, resource=policy.address, kind=policy.kind.value)


def _alias_fault(alias: Alias, name: Text) -> Iterator[Hit]:
    """What is wrong with the part of a name that is known before its first unknown part."""
    form = name.form
    ends = [at for at in (form.find(ANYTHING), form.find("<")) if at >= 0]
    known = form[: min(ends)] if ends else form
    if known.startswith(_RESERVED):
        label = "names that begin with `alias/aws/` belong to AWS services"
        yield Hit(name.at, label, str(name), resource=alias.address, called=alias.called)
    elif not known.startswith(_PREFIX) and not (ends and _PREFIX.startswith(known)):
        edits = () if ends else corrected(name, _PREFIX + name.lstrip("/"))
        label = "the name of an alias begins with `alias/`"
        yield Hit(name.at, label, str(name), resource=alias.address, edits=edits, called=alias.called)
