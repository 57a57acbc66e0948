"""Checks of documents: what loaders noted, alias names, secrets."""

from __future__ import annotations

import pytest

import kms_lint.checks  # fills CHECKS
from kms_lint.finding import Hit
from kms_lint.model import Alias, Document, Policy, PolicyKind, Problem, Secret, World
from kms_lint.rule import CHECKS
from kms_lint.source import Source, Span
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Text

assert kms_lint.checks

SOURCE = Source("main.tf", "first second third")
FIRST, SECOND = Span(SOURCE, 0, 5), Span(SOURCE, 6, 12)


def hits(check: str, document: Document) -> list[Hit]:
    return list(CHECKS[check].run(document, World((document,))))


@pytest.mark.parametrize("rule", ["malformed-document", "malformed-policy", "duplicate-json-key"])
def test_what_loaders_noted_is_found_wherever_they_noted_it(rule: str) -> None:
    others = Problem("another-rule", "not this", FIRST)
    policy = Policy(
        PolicyKind.KEY, "aws_kms_key.a", SECOND, problems=(others, Problem(rule, "in a policy", SECOND, "value"))
    )
    document = Document(
        "main.tf",
        "terraform",
        "terraform",
        SOURCE,
        policies=(policy,),
        problems=(Problem(rule, "in a file", FIRST), others),
    )
    found = [(hit.at, hit.label, hit.value, hit.resource, hit.kind) for hit in hits(rule.replace("-", "_"), document)]
    assert found == [
        (FIRST, "in a file", None, None, None),
        (SECOND, "in a policy", "value", "aws_kms_key.a", "key-policy"),
    ]


ALIASES = {
    "own": ("alias/orders", None, False),
    "reserved": ("alias/aws/orders", None, True),
    "like a reserved one": ("alias/awsome", None, False),
    "without the prefix": ("orders", None, True),
    "prefix in capitals": ("Alias/orders", None, True),
    "end not known": ("alias/<var.name>", f"alias/{ANYTHING}", False),
    "end of a reserved one not known": ("alias/aws/<var.name>", f"alias/aws/{ANYTHING}", True),
    "beginning not known": ("<var.name>/orders", f"{ANYTHING}/orders", False),
    "not known": ("<var.name>", ANYTHING, False),
    "without the prefix, end not known": ("orders-<var.name>", f"orders-{ANYTHING}", True),
    "name of something that is to be made": ("<random_pet.a.id>", None, False),
}


@pytest.mark.parametrize(("shown", "form", "refused"), ALIASES.values(), ids=ALIASES.keys())
def test_reserved_alias(shown: str, form: str | None, refused: bool) -> None:
    alias = Alias("aws_kms_alias.a", FIRST, Text(shown, SECOND, form))
    found = hits("reserved_alias", Document("main.tf", "terraform", "terraform", SOURCE, aliases=(alias,)))
    assert [(hit.at, hit.value, hit.resource) for hit in found] == [(SECOND, shown, "aws_kms_alias.a")] * refused


def test_aliases_that_aws_lists_are_its_own() -> None:
    alias = Alias("alias/aws/s3", FIRST, Text("alias/aws/s3", SECOND))
    assert hits("reserved_alias", Document("aliases.json", "cli", "aliases", SOURCE, aliases=(alias,))) == []


def test_an_alias_without_its_prefix_is_corrected_by_an_edit() -> None:
    source = Source("main.tf", 'name = "orders"')
    alias = Alias("aws_kms_alias.a", Span(source, 0, 15), Text("orders", Span(source, 7, 15)))
    (hit,) = hits("reserved_alias", Document("main.tf", "terraform", "terraform", source, aliases=(alias,)))
    assert [(locate(edit.at).start, edit.text) for edit in hit.edits] == [(7, '"alias/orders"')]


def test_a_secret_is_never_shown() -> None:
    document = Document(
        "main.tf",
        "terraform",
        "terraform",
        SOURCE,
        secrets=(Secret("aws_kms_external_key.a", SECOND, "key material"),),
    )
    (hit,) = hits("key_material_in_code", document)
    assert (hit.at, hit.label, hit.value) == (SECOND, "key material is written out here", "****")
