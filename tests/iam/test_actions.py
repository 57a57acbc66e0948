from __future__ import annotations

import pytest

from kms_lint.iam import actions
from tests.iam.build import patterns


@pytest.mark.parametrize(
    ("pattern", "some", "not_among"),
    [
        ("kms:Decrypt", {"kms:Decrypt"}, {"kms:Encrypt"}),
        ("KMS:decrypt", {"kms:Decrypt"}, set()),
        ("kms:Create*", {"kms:CreateAlias", "kms:CreateCustomKeyStore", "kms:CreateGrant", "kms:CreateKey"}, set()),
        ("kms:Re*", {"kms:ReEncryptFrom", "kms:ReplicateKey", "kms:RetireGrant", "kms:RevokeGrant"}, {"kms:Decrypt"}),
        ("kms:??crypt", {"kms:Encrypt"}, {"kms:ReEncryptTo"}),
        ("kms:?ecrypt", {"kms:Decrypt"}, {"kms:Encrypt"}),
        ("k*:Decrypt", {"kms:Decrypt"}, set()),
        ("*", {"kms:PutKeyPolicy", "kms:Decapsulate"}, set()),
        ("s3:*", set(), {"kms:Decrypt"}),
        ("kms:ReEncrypt", set(), {"kms:ReEncryptFrom"}),
        ("Decrypt", set(), {"kms:Decrypt"}),
    ],
)
def test_a_pattern_means_actions(pattern: str, some: set[str], not_among: set[str]) -> None:
    found = actions.expand(pattern)
    assert some <= found
    assert not found & not_among


def test_create_means_four_actions() -> None:
    assert actions.expand("kms:Create*") == {
        f"kms:Create{name}" for name in ("Alias", "CustomKeyStore", "Grant", "Key")
    }


@pytest.mark.parametrize(
    ("values", "negated", "surely", "possibly"),
    [
        pytest.param(["kms:Decrypt"], False, {"kms:Decrypt"}, {"kms:Decrypt"}, id="known"),
        pytest.param(["@"], False, set(), actions.ALL, id="unknown list"),
        pytest.param(["kms:De@"], False, set(), actions.expand("kms:De*"), id="unknown part"),
        pytest.param(["@"], True, set(), actions.ALL, id="NotAction of what is unknown"),
        pytest.param(["kms:*"], True, set(), set(), id="NotAction of all"),
        pytest.param(
            ["iam:*", "kms:@"], True, set(), actions.ALL, id="NotAction of other services and of what is unknown"
        ),
        pytest.param(["s3:*"], True, actions.ALL, actions.ALL, id="NotAction of another service leaves all of KMS"),
    ],
)
def test_surely_and_possibly(values: list[str], negated: bool, surely: set[str], possibly: set[str]) -> None:
    written = patterns(values, negated=negated)
    assert actions.covered(written) == surely
    assert actions.reachable(written) == possibly


def test_an_absent_element_means_nothing() -> None:
    assert actions.covered(None) == actions.reachable(None) == frozenset()


def test_not_action_leaves_what_it_does_not_name() -> None:
    found = actions.covered(patterns(["kms:Decrypt", "kms:ScheduleKeyDeletion"], negated=True))
    assert found == actions.ALL - {"kms:Decrypt", "kms:ScheduleKeyDeletion"}


def test_names_are_those_without_wildcards() -> None:
    written = patterns(["kms:createkey", "kms:List*", "kms:CreateKey", "s3:GetObject"])
    assert actions.names(written) == {"kms:CreateKey": written.values[0]}
    assert actions.names(patterns(["kms:CreateKey"], negated=True)) == {}
    assert [str(each) for each in actions.meaning(written, actions.STAR_ONLY)] == [
        "kms:createkey",
        "kms:List*",
        "kms:CreateKey",
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("kms:ReEncrypt", "kms:ReEncrypt*"),
        ("kms:reencrypt", "kms:ReEncrypt*"),
        ("kms:Decrpyt", "kms:Decrypt"),
        ("kms:UpdateKeyPolicy", "kms:PutKeyPolicy"),
        ("kms:DeleteKey", "kms:ScheduleKeyDeletion"),
        ("kms:Encypt*", "kms:Encrypt"),
        ("kms:Zebra", None),
        ("kms:" + "x" * 10_000, None),
    ],
)
def test_did_you_mean(name: str, meant: str | None) -> None:
    assert actions.suggestion(name) == meant


@pytest.mark.parametrize(
    ("pattern", "unknown", "foreign", "every"),
    [
        ("kms:ReEncrypt", True, False, False),
        ("kms:Decrypt", False, False, False),
        ("kms:Zebra*", True, False, False),
        ("kms:Zebra@", True, False, False),
        ("kms:@", False, False, False),
        ("@", False, False, False),
        ("s3:GetObject", False, True, False),
        ("*", False, False, True),
        ("*:*", False, False, True),
        ("**", False, False, True),
        ("kms:*", False, False, False),
    ],
)
def test_what_a_pattern_is_about(pattern: str, unknown: bool, foreign: bool, every: bool) -> None:
    form = patterns(pattern).values[0].form
    assert actions.unknown(form) is unknown
    assert actions.foreign(form) is foreign
    assert actions.every_service(form) is every


@pytest.mark.parametrize(
    ("action", "key", "carried"),
    [
        ("kms:Decrypt", "kms:EncryptionContext:*", True),
        ("kms:DescribeKey", "kms:EncryptionContext:*", False),
        ("kms:ListKeys", "kms:ViaService", False),
        ("kms:CreateKey", "kms:ViaService", True),
        ("kms:CreateGrant", "kms:GrantIsForAWSResource", True),
        ("kms:RetireGrant", "kms:GrantIsForAWSResource", False),
        ("kms:PutKeyPolicy", "kms:CustomerMasterKeySpec", True),
    ],
)
def test_what_a_request_carries(action: str, key: str, carried: bool) -> None:
    assert (key in actions.condition_keys(action)) is carried
