"""Checks of statements: actions, resources and conditions that do nothing, each at its value and in its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import kms_lint.checks  # fills CHECKS
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.load.policy import policies
from kms_lint.model import Document, Key, PolicyKind, World
from kms_lint.rule import CHECKS
from kms_lint.source import Passage, Source
from kms_lint.syntax import json as syntax_json
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Text

assert kms_lint.checks

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:us-east-1:111122223333:alias/orders"
BUCKET = "arn:aws:s3:::orders/*"
VIA = "kms:ViaService"
OWNER = "111122223333"
Said = dict[str, Any]


def hits(check: str, said: Said, kind: PolicyKind = PolicyKind.IDENTITY, owner: str | None = OWNER) -> list[Hit]:
    """What a check yields on the one statement of a policy."""
    text = json.dumps({"Version": "2012-10-17", "Statement": [said]}, indent=1)
    source = Source("policy.json", text)
    found = policies(syntax_json.parse(Passage(source, text)), kind, "policy", owner=owner)
    world = World((Document("policy.json", "json", "policy", source, policies=found),))
    return [hit for policy in found for each in policy.statements for hit in CHECKS[check].run(each, world)]


def written(hit: Hit) -> str:
    span = locate(hit.at)
    return span.source.text[span.start : span.end].strip('"')


def places(found: list[Hit]) -> list[str]:
    return [written(hit) for hit in found if hit.confidence is Confidence.DEFINITE]


def possible(found: list[Hit]) -> list[str]:
    return [written(hit) for hit in found if hit.confidence is Confidence.POSSIBLE]


def edits(found: list[Hit]) -> Iterator[tuple[str, str]]:
    for hit in found:
        for edit in hit.edits:
            span = locate(edit.at)
            yield span.source.text[span.start : span.end], edit.text


def identity(action: object, resource: object = KEY, effect: str = "Allow", **more: object) -> Said:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def key_policy(action: object = "kms:Decrypt", resource: object = "*", effect: str = "Allow", **more: object) -> Said:
    return {"Effect": effect, "Principal": {"AWS": "*"}, "Action": action, "Resource": resource, **more}


DEAD = {
    "alias ARN": (identity("kms:Decrypt", ALIAS), [ALIAS]),
    "alias ARN for an alias operation": (identity("kms:UpdateAlias", ALIAS), []),
    "alias ARN beside an alias operation": (identity(["kms:UpdateAlias", "kms:Decrypt"], [ALIAS, KEY]), []),
    "alias ARN under kms:*": (identity("kms:*", [ALIAS, KEY]), []),
    "alias ARN under every action": (identity("*", [ALIAS, KEY]), []),
    "pattern of alias ARNs": (
        identity("kms:Decrypt", "arn:aws:kms:*:*:alias/app-*"),
        ["arn:aws:kms:*:*:alias/app-*"],
    ),
    "alias name among good ARNs": (identity("kms:Decrypt", [KEY, "alias/orders"]), ["alias/orders"]),
    "alias name for an alias operation": (identity("kms:CreateAlias", ["alias/orders", KEY]), ["alias/orders"]),
    "key id": (
        identity("KMS:DECRYPT", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ["1234abcd-12ab-34cd-56ef-1234567890ab"],
    ),
    "multi-Region key id": (
        identity("kms:Sign", "mrk-1234abcd12ab34cd56ef1234567890ab"),
        ["mrk-1234abcd12ab34cd56ef1234567890ab"],
    ),
    "empty account": (identity("kms:Decrypt", "arn:aws:kms:*::*"), ["arn:aws:kms:*::*"]),
    "alias after key/": (
        identity("kms:Decrypt", f"{KEY[:-36]}alias/orders"),
        [f"{KEY[:-36]}alias/orders"],
    ),
    "bucket with actions of KMS alone": (identity("kms:Decrypt", [BUCKET, KEY]), [BUCKET]),
    "bucket in a mixed statement": (identity(["s3:GetObject", "kms:Decrypt"], [BUCKET, KEY]), []),
    "bucket under every action": (identity("*", [BUCKET, KEY]), []),
    "no action of KMS": (identity("s3:GetObject", [BUCKET, "alias/orders"]), []),
    "operations without key": (identity("kms:ListAliases", ALIAS), []),
    "short ARN that AWS fills up": (identity("kms:Decrypt", "arn:aws:kms"), []),
    "key ids by a tag of the caller": (
        identity("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/${aws:PrincipalTag/KmsKeyId}"),
        [],
    ),
    "deny": (identity("kms:*", KEY.replace("key/", ""), "Deny"), [KEY.replace("key/", "")]),
}


@pytest.mark.parametrize(("said", "expected"), DEAD.values(), ids=DEAD.keys())
def test_dead_resource(said: Said, expected: list[str]) -> None:
    assert places(hits("dead_resource", said)) == expected


def test_dead_resource_in_not_resource_leaves_nothing_out() -> None:
    said = {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": [ALIAS, KEY]}
    (hit,) = hits("dead_resource", said)
    assert (written(hit), hit.label.endswith("it leaves nothing out")) == (ALIAS, True)


def test_dead_resource_asks_every_kind_of_policy_that_names_keys_and_no_key_policy() -> None:
    said = identity("kms:Decrypt", ALIAS, "Deny")
    kinds = [kind for kind in PolicyKind if places(hits("dead_resource", {**said, "Principal": "*"}, kind))]
    assert kinds == [PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP, PolicyKind.VPC_ENDPOINT]


OWN = {
    "itself": ("*", OWNER, [], []),
    "every key": ("arn:aws:kms:*:*:key/*", OWNER, [], []),
    "every key of its account": (f"arn:aws:kms:*:{OWNER}:key/*", OWNER, [], []),
    "a key of its account": (KEY, OWNER, [], [KEY]),
    "a key, and its account is not known": (KEY, None, [], [KEY]),
    "a key of another account": (KEY.replace(OWNER, "444455556666"), OWNER, [KEY.replace(OWNER, "444455556666")], []),
    "an alias, and its account is not known": (ALIAS, None, [ALIAS], []),
    "a bucket": (BUCKET, None, [BUCKET], []),
}


@pytest.mark.parametrize(("resource", "owner", "sure", "maybe"), OWN.values(), ids=OWN.keys())
def test_key_policy_resource(resource: str, owner: str | None, sure: list[str], maybe: list[str]) -> None:
    found = hits("key_policy_resource", key_policy(resource=resource), PolicyKind.KEY, owner)
    assert (places(found), possible(found)) == (sure, maybe)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [(KEY, []), (KEY.replace("1234abcd-", "5678abcd-"), [KEY])],
    ids=["this key", "another key of the account"],
)
def test_key_policy_resource_compares_with_the_arn_of_the_key(arn: str, expected: list[str]) -> None:
    text = json.dumps({"Statement": key_policy(resource=KEY)})
    source = Source("key.json", text)
    found = policies(syntax_json.parse(Passage(source, text)), PolicyKind.KEY, "key", owner=OWNER)
    key = Key("key", found[0].at, "cli", OWNER, found, arn=Text(arn, found[0].at))
    world = World((Document("key.json", "cli", "key", source, keys=(key,)),))
    check = CHECKS["key_policy_resource"].run
    assert places(list(check(found[0].statements[0], world))) == expected


REFERENCES = {
    "this key": ("<aws_kms_key.a.key_id>", [], []),
    "another key": ("<aws_kms_key.b.key_id>", ["<aws_kms_key.b.key_id>"], []),
    "an instance of this key": ("<aws_kms_key.a[0].key_id>", [], ["<aws_kms_key.a[0].key_id>"]),
    "a key that is looked up": ("<data.aws_kms_key.a.id>", [], ["<data.aws_kms_key.a.id>"]),
}


@pytest.mark.parametrize(("name", "sure", "maybe"), REFERENCES.values(), ids=REFERENCES.keys())
def test_key_policy_resource_tells_references_apart(name: str, sure: list[str], maybe: list[str]) -> None:
    prefix = "arn:<partition>:kms:<region>:<account>:key/"
    text = json.dumps({"Statement": key_policy(resource=prefix + name)})
    source = Source("main.tf", text)
    found = policies(syntax_json.parse(Passage(source, text)), PolicyKind.KEY, "key", owner="<account>")
    keys = tuple(
        Key(
            f"aws_kms_key.{each}",
            found[0].at,
            "terraform",
            arn=Text(f"{prefix}<aws_kms_key.{each}.key_id>", found[0].at),
        )
        for each in "ab"
    )
    world = World((Document("main.tf", "terraform", "key", source, keys=(replace(keys[0], policies=found), keys[1])),))
    hits_ = list(CHECKS["key_policy_resource"].run(found[0].statements[0], world))
    assert (places(hits_), possible(hits_)) == ([prefix + each for each in sure], [prefix + each for each in maybe])


def test_void_statement_names_what_is_missing() -> None:
    principal = {"AWS": f"arn:aws:iam::{OWNER}:root"}
    neither = hits("void_statement", {"Effect": "Allow", "Principal": principal}, PolicyKind.KEY)
    assert [hit.label for hit in neither] == ["without `Action` and `Resource` it allows nothing"]
    empty = hits("void_statement", key_policy(action=[], effect="Deny"), PolicyKind.KEY)
    assert [hit.label for hit in empty] == ["without `Action` it blocks nothing"]


def test_void_statement_is_about_key_policies() -> None:
    assert hits("void_statement", {"Effect": "Allow", "Action": "kms:Decrypt"}) == []


NAMED = {
    "by name": (["kms:CreateKey", "kms:decrypt", "KMS:listkeys"], ["kms:CreateKey", "KMS:listkeys"]),
    "by wildcard": (["kms:*", "kms:List*", "kms:CreateKe?"], []),
    "retiring a grant": ("kms:RetireGrant", ["kms:RetireGrant"]),
}


@pytest.mark.parametrize(("action", "expected"), NAMED.values(), ids=NAMED.keys())
def test_action_outside_key_policy(action: object, expected: list[str]) -> None:
    assert places(hits("action_outside_key_policy", key_policy(action), PolicyKind.KEY)) == expected


FOREIGN = {
    "another service": (["s3:GetObject", "kms:Decrypt", "iam:*"], ["s3:GetObject", "iam:*"]),
    "every action": (["*", "kms:*"], []),
    "a service that is a wildcard": (["*:*", "k*:Decrypt"], []),
    "no service at all": ("Decrypt", []),
}


@pytest.mark.parametrize(("action", "expected"), FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_action(action: object, expected: list[str]) -> None:
    assert places(hits("foreign_action", key_policy(action), PolicyKind.KEY)) == expected


NEEDS_ANY = {
    "a key": (["kms:CreateKey", "kms:Decrypt"], KEY, ["kms:CreateKey"]),
    "every key": ("kms:ListKeys", "arn:aws:kms:*:*:key/*", ["kms:ListKeys"]),
    "any resource": ("kms:ListKeys", [KEY, "*"], []),
    "pattern of operations that all are without key": ("kms:D*CustomKeyStore", KEY, ["kms:D*CustomKeyStore"]),
    "pattern of which some need a key": ("kms:List*", KEY, []),
}


@pytest.mark.parametrize(("action", "resource", "expected"), NEEDS_ANY.values(), ids=NEEDS_ANY.keys())
def test_action_needs_any_resource(action: object, resource: object, expected: list[str]) -> None:
    assert places(hits("action_needs_any_resource", identity(action, resource))) == expected


UNKNOWN_ACTIONS = {
    "misspelt": ("kms:Decrpyt", ["kms:Decrpyt"], [('"kms:Decrpyt"', '"kms:Decrypt"')]),
    "two that could be meant": ("kms:GenerateDataKeyPairs", ["kms:GenerateDataKeyPairs"], None),
    "two operations in policies": ("kms:ReEncrypt", ["kms:ReEncrypt"], []),
    "called otherwise": ("kms:UpdateKeyPolicy", ["kms:UpdateKeyPolicy"], []),
    "without its service": ("Decrypt", ["Decrypt"], [('"Decrypt"', '"kms:Decrypt"')]),
    "pattern that matches nothing": ("kms:Foo*", ["kms:Foo*"], []),
    "letter case": ("KMS:decrypt", [], []),
    "pattern": ("kms:?ecrypt", [], []),
    "the newest": (["kms:Encapsulate", "kms:GetKeyLastUsage"], [], []),
    "another service": ("s3:GetObjekt", [], []),
    "every action": ("*", [], []),
}


@pytest.mark.parametrize(("action", "expected", "change"), UNKNOWN_ACTIONS.values(), ids=UNKNOWN_ACTIONS.keys())
def test_unknown_action(action: object, expected: list[str], change: list[tuple[str, str]] | None) -> None:
    found = hits("unknown_action", identity(action))
    assert places(found) == expected
    if change is not None:
        assert list(edits(found)) == change


def test_unknown_action_says_what_reencrypt_is_called() -> None:
    (hit,) = hits("unknown_action", identity("kms:ReEncrypt"))
    assert "`kms:ReEncryptFrom` and `kms:ReEncryptTo`" in hit.label


def conditioned(conditions: Said, effect: str = "Allow", resource: object = KEY) -> Said:
    return identity("kms:Decrypt", resource, effect, Condition=conditions)


UNKNOWN_KEYS = {
    "misspelt": ({"StringEquals": {"kms:ViaServices": "x"}}, ["kms:ViaServices"]),
    "letter case": ({"StringEquals": {"KMS:viaservice": "s3.us-east-1.amazonaws.com"}}, []),
    "any encryption context": ({"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}}, []),
    "encryption context without its key": (
        {"StringEquals": {"kms:EncryptionContext:": "x", "kms:EncryptionContext": "x"}},
        ["kms:EncryptionContext:", "kms:EncryptionContext"],
    ),
    "last register": ({"StringEquals": {"kms:RecipientAttestation:PCR31": "0"}}, []),
    "register too many": (
        {"StringEquals": {"kms:RecipientAttestation:PCR32": "0"}},
        ["kms:RecipientAttestation:PCR32"],
    ),
    "last register of the TPM": ({"StringEquals": {"kms:RecipientAttestation:NitroTPMPCR23": "0"}}, []),
    "register too many of the TPM": (
        {"StringEquals": {"kms:RecipientAttestation:NitroTPMPCR24": "0"}},
        ["kms:RecipientAttestation:NitroTPMPCR24"],
    ),
    "another service": ({"StringEquals": {"s3:nothing": "x", "aws:PrincipalOrgId": "o-1"}}, []),
    "new ones": ({"Bool": {"kms:GrantIsForAWSResource": "true"}, "ArnLike": {"kms:GrantConstraintSourceArn": "*"}}, []),
}


@pytest.mark.parametrize(("conditions", "expected"), UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS.keys())
def test_unknown_condition_key(conditions: Said, expected: list[str]) -> None:
    assert places(hits("unknown_condition_key", conditioned(conditions))) == expected


@pytest.mark.parametrize(
    ("operator", "effect", "words"),
    [
        ("StringEquals", "Allow", "this Allow never allows"),
        ("StringNotEquals", "Allow", "it limits nothing"),
        ("StringEquals", "Deny", "this Deny never blocks"),
        ("StringNotEquals", "Deny", "this Deny always blocks"),
    ],
)
def test_unknown_condition_key_says_what_follows(operator: str, effect: str, words: str) -> None:
    (hit,) = hits("unknown_condition_key", conditioned({operator: {"kms:Nothing": "x"}}, effect))
    assert words in hit.label


OPERATORS = {
    "misspelt": ({"StringEqual": {VIA: "x"}}, ["StringEqual"], [('"StringEqual"', '"StringEquals"')]),
    "wrong quantifier": ({"ForAny:StringLike": {VIA: "x"}}, ["ForAny:StringLike"], None),
    "Null with IfExists": ({"NullIfExists": {VIA: "true"}}, ["NullIfExists"], []),
    "number on text": ({"NumericEquals": {VIA: "1"}}, [VIA], []),
    "truth on text": ({"Bool": {"kms:KeySpec": "true"}}, ["kms:KeySpec"], []),
    "ARN on a number": ({"ArnLike": {"kms:RotationPeriodInDays": "x"}}, ["kms:RotationPeriodInDays"], []),
    "ARN on text": ({"ArnLike": {"kms:EncryptionContext:aws:s3:arn": "x", "kms:GranteePrincipal": "x"}}, [], []),
    "text on a truth": ({"StringEquals": {"kms:GrantIsForAWSResource": "true"}}, [], []),
    "number and date on a time": ({"NumericLessThan": {"kms:ValidTo": "1"}, "DateLessThan": {"kms:ValidTo": "1"}}, [], []),
    "truth on a tag": ({"Bool": {"aws:PrincipalTag/admin": "true"}}, [], []),
    "all that there is": ({"ForAnyValue:StringLikeIfExists": {"kms:ResourceAliases": "alias/a*"}, "Null": {VIA: "true"}}, [], []),
}  # fmt: skip


@pytest.mark.parametrize(("conditions", "expected", "change"), OPERATORS.values(), ids=OPERATORS.keys())
def test_unknown_operator(conditions: Said, expected: list[str], change: list[tuple[str, str]] | None) -> None:
    found = hits("unknown_operator", conditioned(conditions))
    assert places(found) == expected
    if change is not None:
        assert list(edits(found)) == change


def test_an_operator_that_does_not_fit_is_about_statements_of_kms() -> None:
    said = identity(
        "s3:GetObject", BUCKET, Condition={"Bool": {"aws:PrincipalOrgID": "x"}, "StringEqual": {"a:b": "c"}}
    )
    assert places(hits("unknown_operator", said)) == ["StringEqual"]


def test_unknown_operator_is_only_possible_where_the_letter_case_alone_is_wrong() -> None:
    assert possible(hits("unknown_operator", conditioned({"stringequals": {VIA: "x"}}))) == ["stringequals"]


SERVICES = {
    "right": ("StringEquals", ["s3.us-east-1.amazonaws.com"], []),
    "no Region": ("StringEquals", ["s3.amazonaws.com"], ["s3.amazonaws.com"]),
    "ending of China": ("StringLike", ["s3.*.amazonaws.com.cn"], ["s3.*.amazonaws.com.cn"]),
    "wildcard as text": ("StringEquals", ["s3.*.amazonaws.com"], ["s3.*.amazonaws.com"]),
    "wildcard as wildcard": ("StringLike", ["s3.*.amazonaws.com", "*"], []),
    "pattern that nothing matches": ("StringLike", ["s3*.com.cn"], ["s3*.com.cn"]),
    "another Region than the key": ("StringEquals", ["s3.eu-west-1.amazonaws.com"], ["s3.eu-west-1.amazonaws.com"]),
    "one name of two": ("StringEquals", ["elasticache.us-east-1.amazonaws.com"], ["elasticache.us-east-1.amazonaws.com"]),
    "both names": ("StringLike", ["elasticache.*.amazonaws.com", "dax.*.amazonaws.com"], []),
    "the other name alone": ("StringEquals", ["dax.us-east-1.amazonaws.com"], []),
    "is it there": ("Null", ["false"], []),
}  # fmt: skip


@pytest.mark.parametrize(("operator", "values", "expected"), SERVICES.values(), ids=SERVICES.keys())
def test_malformed_via_service(operator: str, values: list[str], expected: list[str]) -> None:
    assert places(hits("malformed_via_service", conditioned({operator: {"KMS:viaService": values}}))) == expected


def test_malformed_via_service_weighs_what_is_wrong() -> None:
    values = ["florist.us-east-1.amazonaws.com", "s3.amazonaws.com"]
    found = hits("malformed_via_service", conditioned({"StringEquals": {VIA: values}}))
    assert [(written(hit), hit.severity) for hit in found] == [(values[0], Severity.INFO), (values[1], None)]
    (alone,) = hits(
        "malformed_via_service", conditioned({"StringEquals": {VIA: "elasticache.us-east-1.amazonaws.com"}})
    )
    assert alone.severity is Severity.MEDIUM
    assert "dax.us-east-1.amazonaws.com" in alone.label


def test_malformed_via_service_knows_no_region_of_a_key_policy() -> None:
    said = key_policy(Condition={"StringEquals": {VIA: "s3.eu-west-1.amazonaws.com"}}, resource=KEY)
    assert hits("malformed_via_service", said, PolicyKind.KEY) == []
