"""Key policies that nobody can change any more: when, and which part of the policy is to blame."""

from __future__ import annotations

import json
from typing import Any

import pytest

import kms_lint.checks  # fills CHECKS
from kms_lint.finding import Confidence, Hit
from kms_lint.load.policy import policies
from kms_lint.model import Accounts, Document, PolicyKind, World
from kms_lint.rule import CHECKS
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax import locate
from kms_lint.syntax.json import parse
from kms_lint.syntax.tree import Unknown

assert kms_lint.checks

OWN, OTHER = "111122223333", "444455556666"
ROOT, STRANGER = f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OTHER}:root"
ADMIN, APP = f"arn:aws:iam::{OWN}:role/admin", f"arn:aws:iam::{OWN}:role/app"
HOLE = chr(0xF0000)
Said = dict[str, Any]


def hits(*statements: object, owner: str | None = OWN, accounts: Accounts | None = None, **more: object) -> list[Hit]:
    """What the check yields on a key policy; `HOLE` in it is a value that only exists at apply time."""
    text = json.dumps({"Version": "2012-10-17", **more, "Statement": statements}, ensure_ascii=False)
    source = Source("policy.json", text)
    holes = [Unknown("var.x", Span(source, 0, 1))] if HOLE in text else []
    read = policies(parse(Passage(source, text), holes), PolicyKind.KEY, "policy", owner=owner)
    document = Document("policy.json", "json", "policy", source, policies=read)
    world = World((document,), accounts or Accounts(frozenset({OWN})))
    return [hit for policy in read for hit in CHECKS["key_lockout"].run(policy, world)]


def written(hit: Hit) -> str:
    """What stands at the place of a hit; only its beginning, when that is a whole policy."""
    span = locate(hit.at)
    return span.source.text[span.start : span.end].strip('"')[:10]


def allow(principal: object, action: object = "kms:*", **more: object) -> Said:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def deny(principal: object, action: object = "kms:*", **more: object) -> Said:
    return {**allow(principal, action, **more), "Effect": "Deny"}


def aws(*principals: str) -> Said:
    return {"AWS": list(principals)}


def spared(name: str, operator: str = "ArnNotEquals") -> Said:
    return {"Condition": {operator: {"aws:PrincipalArn": name}}}


LOCKED: dict[str, tuple[list[Said], str, str]] = {
    "only use": ([allow(aws(ROOT), "kms:Decrypt")], '{"Version"', "no statement allows kms:PutKeyPolicy"),
    "all but that": (
        [{"Effect": "Allow", "Principal": aws(ROOT), "NotAction": "kms:Put*", "Resource": "*"}],
        '{"Version"', "no statement allows kms:PutKeyPolicy",
    ),
    "only Denies": ([deny("*", "kms:Decrypt")], '{"Version"', "no statement allows kms:PutKeyPolicy"),
    "another account": ([allow(aws(STRANGER))], "kms:*", "nobody who is given kms:PutKeyPolicy can use it"),
    "a role of another account": (
        [allow(aws(f"arn:aws:iam::{OTHER}:role/admin"), "kms:PutKeyPolicy")],
        "kms:PutKey", "nobody who is given kms:PutKeyPolicy can use it",
    ),
    "a service": ([allow({"Service": "logs.amazonaws.com"})], "kms:*", "nobody who is given"),
    "a role that was deleted": ([allow(aws("AROAEXAMPLEID12345678"))], "kms:*", "nobody who is given"),
    "no Resource": (
        [{"Effect": "Allow", "Principal": aws(ROOT), "Action": "kms:*"}], "kms:*", "without `Resource`",
    ),
    "an alias as Resource": (
        [allow(aws(ROOT), Resource=f"arn:aws:kms:us-east-1:{OWN}:alias/a")], "kms:*", "nobody who is given",
    ),
    "a condition that no such request meets": (
        [allow(aws(ROOT), Condition={"StringEquals": {"kms:EncryptionContext:app": "a"}})], "kms:*", "nobody who is given",
    ),
    "callers of another account": (
        [allow(aws("*"), Condition={"StringEquals": {"kms:CallerAccount": OTHER}})], "kms:*", "nobody who is given",
    ),
    "denied to everyone": ([allow(aws(ROOT)), deny("*", "kms:P*")], "kms:P*", "denied to everyone who has it"),
    "denied to the account": (
        [allow(aws(ADMIN), "kms:PutKeyPolicy"), deny(aws(OWN))], "kms:*", "denied to everyone who has it",
    ),
    "denied to each": (
        [allow(aws(ADMIN, APP)), deny(aws(ADMIN)), deny(aws(APP))], "kms:*", "denied to everyone who has it",
    ),
    "denied by NotAction": (
        [allow(aws(ROOT)), {"Effect": "Deny", "Principal": "*", "NotAction": "kms:Decrypt", "Resource": "*"}],
        "NotAction", "denied to everyone who has it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "place", "words"), LOCKED.values(), ids=LOCKED)
def test_nobody_is_left(statements: list[Said], place: str, words: str) -> None:
    found = hits(*statements)
    assert [(written(hit), hit.confidence) for hit in found] == [(place, Confidence.DEFINITE)]
    assert found[0].label.startswith(words) or words in found[0].label


KEPT: dict[str, list[object]] = {
    "the account": [allow(aws(ROOT))],
    "the account by number": [allow(aws(OWN), "kms:Put*")],
    "one role": [allow(aws(ADMIN), "kms:PutKeyPolicy")],
    "everyone": [allow("*")],
    "everyone of the account": [allow(aws("*"), Condition={"StringEquals": {"kms:CallerAccount": OWN}})],
    "under a condition that can hold": [allow(aws(ROOT), Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
    "everyone but some": [{"Effect": "Allow", "NotPrincipal": aws(APP), "Action": "kms:*", "Resource": "*"}],
    "denied but for a role": [allow(aws(ROOT)), deny("*", **spared(ADMIN))],
    "denied but for roles by name": [allow(aws(ROOT)), deny("*", **spared(f"{ADMIN}*", "ArnNotLike"))],
    "denied with NotPrincipal": [
        allow(aws(ROOT)),
        {"Effect": "Deny", "NotPrincipal": aws(ROOT, ADMIN), "Action": "kms:*", "Resource": "*"},
    ],
    "denied to another role": [allow(aws(ROOT)), deny(aws(APP))],
    "denied to other accounts": [
        allow(aws(ROOT)),
        deny("*", Condition={"StringNotEquals": {"kms:CallerAccount": OWN}}),
    ],
    "denied for something else": [allow(aws(ROOT)), deny("*", ["kms:ScheduleKeyDeletion", "kms:Disable*"])],
    "denied for other policies": [allow(aws(ROOT)), deny("*", "kms:GetKeyPolicy")],
    "an unknown principal": [allow(aws(HOLE))],
    "an unknown account": [allow(aws(f"arn:aws:iam::{HOLE}:root"))],
    "an unknown action": [allow(aws(ROOT), HOLE)],
    "an unknown effect": [allow(aws(ROOT), Effect=HOLE)],
    "an unknown resource": [allow(aws(ROOT), Resource=HOLE)],
    "an unknown statement": [allow(aws(ROOT), "kms:Decrypt"), HOLE],
    "an unknown Deny": [allow(aws(ROOT)), deny("*", HOLE)],
    "an unknown exemption": [allow(aws(ROOT)), deny("*", **spared(HOLE))],
    "a principal that AWS refuses": [allow(aws(f"arn:aws:iam::{OWN}:role/*"))],
    "a policy that AWS refuses": [allow(aws(ROOT), Effect="allow")],
}


@pytest.mark.parametrize("statements", KEPT.values(), ids=KEPT)
def test_somebody_may_be_left(statements: list[object]) -> None:
    assert [hit.label for hit in hits(*statements)] == []


def test_an_account_may_own_the_key_while_nothing_tells_who_does() -> None:
    assert hits(allow(aws(STRANGER)), owner=None, accounts=Accounts()) == []
    assert [written(hit) for hit in hits(allow(aws(STRANGER)), owner=OWN, accounts=Accounts())] == ["kms:*"]


def test_aws_changes_the_policies_of_its_own_keys() -> None:
    statement = allow(aws(ROOT), ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"])
    assert hits(statement, Id="auto-ebs-2") == []
    assert [written(hit) for hit in hits(statement, Id="ours")] == ['{"Version"']


def test_the_statement_to_blame_is_named() -> None:
    found = hits(allow(aws(ROOT)), deny("*", "kms:Decrypt"), deny("*", "kms:PutKeyPolicy"))
    assert [hit.statement for hit in found] == [2]


def test_a_deny_is_only_to_blame_for_what_it_takes() -> None:
    found = hits(allow(aws(STRANGER)), deny(aws(APP), "kms:Put*"))
    assert [(written(hit), hit.statement) for hit in found] == [("kms:*", 0)]


def test_all_denies_that_it_takes_are_shown() -> None:
    (found,) = hits(allow(aws(ADMIN, APP)), deny(aws(ADMIN)), deny(aws(APP), "kms:Put*"))
    assert (written(found), found.statement) == ("kms:*", 1)
    assert [written(Hit(place.at, "")) for place in found.related] == ["kms:Put*"]


def test_another_account_of_ours_may_own_the_key() -> None:
    found = hits(allow(aws(STRANGER)), accounts=Accounts(frozenset({OWN, OTHER})))
    assert [hit.confidence for hit in found] == [Confidence.POSSIBLE]


@pytest.mark.parametrize("kind", [kind for kind in PolicyKind if kind is not PolicyKind.KEY])
def test_only_key_policies_lock_anybody_out(kind: PolicyKind) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [deny("*")]})
    source = Source("policy.json", text)
    read = policies(parse(Passage(source, text)), kind, "policy", owner=OWN)
    assert [list(CHECKS["key_lockout"].run(policy, World(()))) for policy in read] == [[] for _ in read]
