"""Questions about a policy as a whole: Allow minus Deny."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from kms_lint.iam import access, actions
from kms_lint.iam.conditions import Limit
from kms_lint.model import Accounts, PolicyKind
from tests.iam.build import FOREIGN, KEY_ARN, OWNER, policy, statement

ROOT = f"arn:aws:iam::{OWNER}:root"
ADMIN = f"arn:aws:iam::{OWNER}:role/admin"
APP = f"arn:aws:iam::{OWNER}:role/app"
ORGANIZATION = "o-a1b2c3d4e5"
DEFAULT: dict[str, Any] = {"Principal": {"AWS": ROOT}, "Action": "kms:*"}
PUBLIC: dict[str, Any] = {"Principal": "*", "Action": ["kms:Decrypt", "kms:Encrypt"]}
PUT = "kms:PutKeyPolicy"


def deny(condition: Mapping[str, Any] | None = None, action: str = "kms:*", **other: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": action, **other}
    if "NotPrincipal" in other:
        del found["Principal"]
    return found | ({"Condition": condition} if condition else {})


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
@pytest.mark.parametrize(
    ("denies", "surely", "possibly"),
    [
        pytest.param([], {"kms:Decrypt", "kms:Encrypt"}, {"kms:Decrypt", "kms:Encrypt"}, id="no deny"),
        pytest.param([deny()], set(), set(), id="deny all"),
        pytest.param([deny(action="kms:Decrypt")], {"kms:Encrypt"}, {"kms:Encrypt"}, id="deny one action"),
        pytest.param(
            [deny({"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}})], set(), set(), id="outside organization"
        ),
        pytest.param(
            [deny({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}})], set(), set(), id="IfExists"
        ),
        pytest.param(
            [
                deny(
                    {
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    }
                )
            ],
            set(),
            set(),
            id="outside organization, services spared",
        ),
        pytest.param(
            [deny({"StringNotEquals": {"aws:PrincipalAccount": [OWNER, FOREIGN]}})], set(), set(), id="other accounts"
        ),
        pytest.param([deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}})], set(), set(), id="endpoint"),
        pytest.param(
            [
                deny(
                    {
                        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                        "StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"},
                    }
                )
            ],
            set(),
            set(),
            id="outside network and endpoint",
        ),
        pytest.param(
            [deny({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/r-1/*"}})],
            set(),
            set(),
            id="outside unit",
        ),
        pytest.param([deny(NotPrincipal={"AWS": [ADMIN, ROOT]})], set(), set(), id="NotPrincipal"),
        pytest.param(
            [deny({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/r-1/*"}})],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="ForAnyValue misses those without organization",
        ),
        pytest.param(
            [deny({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}})],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="any organization",
        ),
        pytest.param(
            [deny({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="denies the wrong side",
        ),
        pytest.param(
            [deny({"Bool": {"aws:SecureTransport": "false"}})],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="unencrypted transport",
        ),
        pytest.param(
            [
                deny(
                    {
                        "StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                        "Bool": {"aws:MultiFactorAuthPresent": "false"},
                    }
                )
            ],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="strangers with MFA pass",
        ),
        pytest.param(
            [
                deny(
                    {
                        "StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                        "Bool": {"aws:ViaAWSService": "false"},
                    }
                )
            ],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="strangers pass through services",
        ),
        pytest.param(
            [deny(Principal={"AWS": ROOT})],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="denies the own account only",
        ),
        pytest.param(
            [deny(Resource="arn:aws:kms:us-east-1:111122223333:alias/x")],
            {"kms:Decrypt", "kms:Encrypt"},
            {"kms:Decrypt", "kms:Encrypt"},
            id="denies an alias",
        ),
        pytest.param(
            [deny({"StringNotEquals": {"aws:PrincipalOrgID": "@"}})],
            set(),
            {"kms:Decrypt", "kms:Encrypt"},
            id="unknown organization",
        ),
        pytest.param([deny(action="@")], set(), {"kms:Decrypt", "kms:Encrypt"}, id="unknown action"),
        pytest.param([deny(Principal={"AWS": "@"})], set(), {"kms:Decrypt", "kms:Encrypt"}, id="unknown principal"),
        pytest.param([deny({"@": {"@": "@"}})], set(), {"kms:Decrypt", "kms:Encrypt"}, id="unknown condition"),
        pytest.param(
            [{"Unknown": True}], {"kms:Decrypt", "kms:Encrypt"}, {"kms:Decrypt", "kms:Encrypt"}, id="unknown statement"
        ),
    ],
)
def test_what_stays_open_to_strangers(denies: list[Mapping[str, Any]], surely: set[str], possibly: set[str]) -> None:
    found = policy(PUBLIC, *denies)
    assert access.exposed(found, found.statements[0]) == access.Exposure(frozenset(surely), frozenset(possibly))


@pytest.mark.parametrize(
    ("change", "surely", "possibly"),
    [
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}, set(), set()),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "@"}}}, set(), {"kms:Decrypt"}),
        (
            {"Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
            {"kms:Decrypt"},
            {"kms:Decrypt"},
        ),
        ({"Action": ["kms:Decrypt", "kms:ListKeys"]}, {"kms:Decrypt"}, {"kms:Decrypt"}),
        ({"Action": "kms:Decryp@"}, set(), {"kms:Decrypt"}),
        ({"Effect": "Deny"}, set(), set()),
    ],
)
def test_what_a_statement_exposes(change: dict[str, Any], surely: set[str], possibly: set[str]) -> None:
    found = policy({"Principal": "*", "Action": "kms:Decrypt", **change})
    assert access.exposed(found, found.statements[0]) == access.Exposure(frozenset(surely), frozenset(possibly))


@pytest.mark.parametrize(
    ("allow", "against", "taken"),
    [
        pytest.param({"Principal": {"AWS": APP}}, deny(Principal={"AWS": APP}), True, id="same role"),
        pytest.param({"Principal": {"AWS": APP}}, deny(Principal={"AWS": ADMIN}), False, id="another role"),
        pytest.param({"Principal": {"AWS": APP}}, deny(Principal={"AWS": ROOT}), True, id="its account"),
        pytest.param({"Principal": {"AWS": APP}}, deny(Principal={"AWS": "*"}), True, id="everyone"),
        pytest.param({"Principal": {"AWS": [APP, ADMIN]}}, deny(Principal={"AWS": APP}), False, id="one of two"),
        pytest.param(
            {"Principal": {"Service": "s3.amazonaws.com"}},
            deny(Principal={"AWS": "*"}),
            False,
            id="a service is no AWS",
        ),
        pytest.param({"Principal": {"Service": "s3.amazonaws.com"}}, deny(), True, id="all, services too"),
        pytest.param(
            {"Principal": {"AWS": APP}, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}},
            deny({"Bool": {"AWS:viaawsservice": "true"}}),
            True,
            id="same condition",
        ),
        pytest.param(
            {"Principal": {"AWS": APP}}, deny({"Bool": {"aws:ViaAWSService": "true"}}), False, id="under a condition"
        ),
        pytest.param({"Principal": {"AWS": APP}}, deny(Resource=KEY_ARN), False, id="perhaps another key"),
    ],
)
def test_what_a_deny_takes_back(allow: dict[str, Any], against: dict[str, Any], taken: bool) -> None:
    found = policy({"Action": "kms:Decrypt", **allow}, against)
    wanted = frozenset({"kms:Decrypt"})
    assert access.taken_back(found, found.statements[0], wanted) == (wanted if taken else frozenset())


@pytest.mark.parametrize(
    ("allow", "against", "taken"),
    [
        ("*", "*", True),
        (KEY_ARN, "*", True),
        (KEY_ARN, "arn:aws:kms:*:111122223333:key/*", True),
        ("*", "arn:*:kms:*:*:key/*", True),
        ("*", KEY_ARN, False),
        ("arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:us-east-1:111122223333:key/*", False),
    ],
)
def test_denies_of_identity_policies(allow: str, against: str, taken: bool) -> None:
    found = policy(
        {"Action": "kms:*", "Resource": allow},
        {"Effect": "Deny", "Action": "kms:Put*", "Resource": against},
        kind=PolicyKind.IDENTITY,
    )
    wanted = frozenset({PUT})
    assert access.taken_back(found, found.statements[0], wanted) == (wanted if taken else frozenset())


def test_strangers_are_left_with_the_weaker_limit() -> None:
    found = policy(
        PUBLIC,
        deny({"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION, "kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
    )
    assert access.limits_by_denies(found, found.statements[0], frozenset({"kms:Decrypt"})) == {Limit.PATH}


def test_a_statement_without_a_valid_effect_lets_nobody_in() -> None:
    found = statement({"Principal": "*", "Action": "kms:*"})
    invalid = dataclasses.replace(found, effect=None)
    assert access.exposed(policy(), invalid) == access.Exposure(frozenset(), frozenset())


def test_limits_are_those_of_every_action() -> None:
    found = policy(
        PUBLIC,
        deny({"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}),
        deny({"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, "kms:Decrypt"),
    )
    allow = found.statements[0]
    assert access.limits_by_denies(found, allow, frozenset({"kms:Decrypt"})) == {Limit.CALLER, Limit.PATH}
    assert access.limits_by_denies(found, allow, frozenset({"kms:Decrypt", "kms:Encrypt"})) == {Limit.CALLER}


@pytest.mark.parametrize(
    ("statements", "owner"),
    [
        pytest.param([DEFAULT], OWNER, id="default policy"),
        pytest.param([DEFAULT], None, id="default policy, owner unknown"),
        pytest.param([DEFAULT], "<account>", id="default policy of an account without a number"),
        pytest.param([{"Principal": {"AWS": ADMIN}, "Action": "kms:Put*"}], OWNER, id="a role"),
        pytest.param([{"Principal": "*", "Action": "*"}], OWNER, id="everyone"),
        pytest.param([{"Principal": {"AWS": "@"}, "Action": "kms:*"}], OWNER, id="unknown principal"),
        pytest.param([{"Principal": {"AWS": ROOT}, "Action": "@"}], OWNER, id="unknown action"),
        pytest.param([{"Unknown": True}], OWNER, id="unknown statement"),
        pytest.param([DEFAULT | {"Resource": "@"}], OWNER, id="unknown resource"),
        pytest.param([DEFAULT | {"Resource": KEY_ARN}], OWNER, id="its own ARN, perhaps"),
        pytest.param(
            [DEFAULT | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}],
            OWNER,
            id="a condition that can hold",
        ),
        pytest.param([DEFAULT, deny(action="kms:Decrypt")], OWNER, id="another action denied"),
        pytest.param([DEFAULT, deny(action=PUT, Principal={"AWS": APP})], OWNER, id="another principal denied"),
        pytest.param(
            [DEFAULT, deny({"ArnNotLike": {"aws:PrincipalArn": ADMIN}}, PUT)], OWNER, id="denied to all but a role"
        ),
        pytest.param(
            [DEFAULT, deny({"StringNotEquals": {"aws:PrincipalAccount": OWNER}})], OWNER, id="denied to other accounts"
        ),
        pytest.param(
            [DEFAULT, deny({"Bool": {"aws:MultiFactorAuthPresent": "false"}})], OWNER, id="denied without MFA"
        ),
        pytest.param([DEFAULT, deny(action="@")], OWNER, id="unknown action denied"),
        pytest.param([DEFAULT, deny(NotPrincipal={"AWS": [ADMIN, ROOT]})], OWNER, id="denied to all but the account"),
        pytest.param([DEFAULT, deny({"@": {"@": "@"}})], OWNER, id="denied under an unknown condition"),
        pytest.param([{"NotPrincipal": {"AWS": APP}, "Action": "kms:*"}], OWNER, id="all but one"),
    ],
)
def test_somebody_keeps_the_key(statements: list[Mapping[str, Any]], owner: str | None) -> None:
    assert access.may_keep(policy(*statements, owner=owner), PUT)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([], id="no statement"),
        pytest.param([{"Principal": {"AWS": APP}, "Action": "kms:Decrypt"}], id="nobody is allowed"),
        pytest.param([{"Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"}, "Action": "kms:*"}], id="only strangers"),
        pytest.param([{"Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*"}], id="only a service"),
        pytest.param([{"Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}, "Action": "kms:*"}], id="only a deleted role"),
        pytest.param([{"Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/*"}, "Action": "kms:*"}], id="nobody valid"),
        pytest.param([DEFAULT | {"Resource": None}], id="no resource"),
        pytest.param([DEFAULT | {"Resource": "arn:aws:kms:us-east-1:111122223333:alias/x"}], id="an alias"),
        pytest.param([DEFAULT | {"NotAction": PUT, "Action": None}], id="all but that"),
        pytest.param([DEFAULT, deny(action=PUT)], id="denied to all"),
        pytest.param([DEFAULT, deny(action=PUT, Principal={"AWS": "*"})], id="denied to all of AWS"),
        pytest.param([DEFAULT, deny(action=PUT, Principal={"AWS": ROOT})], id="denied to the account"),
        pytest.param(
            [
                {"Principal": {"AWS": APP}, "Action": "kms:*"},
                deny({"ArnNotLike": {"aws:PrincipalArn": ADMIN}}, PUT),
            ],
            id="denied to all but one who is not allowed",
        ),
        pytest.param(
            [DEFAULT, deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:role/admin"}}, PUT)],
            id="denied to all but a role elsewhere",
        ),
        pytest.param(
            [DEFAULT, deny({"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}}, PUT)], id="denied to the own account"
        ),
        pytest.param([DEFAULT | {"Condition": {"StringEquals": {"kms:CallerAccount": FOREIGN}}}], id="for others only"),
        pytest.param(
            [DEFAULT | {"Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}}], id="a key that is never there"
        ),
        pytest.param(
            [DEFAULT | {"Condition": {"StringEquals": {"kms:EncryptionContext:a": "b"}}}],
            id="a key of other operations",
        ),
        pytest.param([DEFAULT | {"Condition": {"StringEquals": {"aws:SourceAccount": OWNER}}}], id="a key of services"),
        pytest.param([{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}], id="only a deny"),
    ],
)
def test_nobody_keeps_the_key(statements: list[Mapping[str, Any]]) -> None:
    assert access.keepers(policy(*statements), PUT) == ()


def test_keepers_are_named() -> None:
    found = access.keepers(
        policy({"Principal": {"AWS": [ADMIN, APP]}, "Action": "kms:*"}, deny(Principal={"AWS": APP})), PUT
    )
    assert [str(each.principal.value) for each in found if each.principal] == [ADMIN]


@pytest.mark.parametrize(
    ("document", "owner", "accounts", "surely", "perhaps"),
    [
        (DEFAULT, OWNER, Accounts(), True, True),
        (DEFAULT | {"Principal": {"AWS": OWNER}}, OWNER, Accounts(), True, True),
        (DEFAULT | {"Principal": {"AWS": "arn:aws:iam::<account>:root"}}, "<account>", Accounts(), True, True),
        (DEFAULT, "<account>", Accounts(own=frozenset({OWNER})), True, True),
        (DEFAULT, None, Accounts(), False, True),
        (DEFAULT, FOREIGN, Accounts(), False, False),
        (DEFAULT | {"Principal": {"AWS": [ROOT, APP]}}, OWNER, Accounts(), False, False),
        (DEFAULT | {"Principal": "*"}, OWNER, Accounts(), False, False),
        (DEFAULT | {"Effect": "Deny"}, OWNER, Accounts(), False, False),
    ],
)
def test_delegation(
    document: Mapping[str, Any], owner: str | None, accounts: Accounts, surely: bool, perhaps: bool
) -> None:
    found = statement(document, owner=owner)
    assert access.is_delegation(found, accounts) is surely
    assert access.may_be_delegation(found, accounts) is perhaps


def test_what_is_delegated() -> None:
    every = actions.ALL - actions.WITHOUT_EFFECT_IN_KEY_POLICY
    assert access.delegated(policy(DEFAULT)) == access.surely_delegated(policy(DEFAULT)) == every
    partly = policy(DEFAULT, deny(action="kms:Decrypt"))
    assert access.delegated(partly) == access.surely_delegated(partly) == every - {"kms:Decrypt"}
    roles = policy({"Principal": {"AWS": ADMIN}, "Action": "kms:*"})
    assert access.delegated(roles) == access.surely_delegated(roles) == frozenset()
    unknown = policy({"Principal": {"AWS": "@"}, "Action": "kms:Decrypt"})
    assert access.delegated(unknown) == {"kms:Decrypt"}
    assert access.surely_delegated(unknown) == frozenset()


@pytest.mark.parametrize(
    ("statements", "owner", "expected"),
    [
        ([DEFAULT], None, OWNER),
        ([DEFAULT, {"Principal": {"AWS": FOREIGN}, "Action": "kms:Decrypt"}], None, OWNER),
        ([DEFAULT, {"Principal": {"AWS": FOREIGN}, "Action": "kms:*"}], None, None),
        ([DEFAULT | {"Principal": {"AWS": "@"}}], None, None),
        ([DEFAULT | {"Principal": "*"}], None, None),
        ([DEFAULT, {"Unknown": True}], None, None),
        ([DEFAULT, {"NotPrincipal": {"AWS": APP}, "Action": "kms:*"}], None, None),
        ([DEFAULT, {"Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}, "Action": "kms:*"}], None, OWNER),
        ([DEFAULT, {"Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*"}], None, OWNER),
        ([DEFAULT], FOREIGN, FOREIGN),
        ([DEFAULT], "<account>", OWNER),
        ([DEFAULT, {"Principal": {"AWS": FOREIGN}, "Action": "kms:*"}], "<account>", "<account>"),
        ([], None, None),
    ],
)
def test_the_account_of_the_key(statements: list[Mapping[str, Any]], owner: str | None, expected: str | None) -> None:
    assert access.presumed_owner(policy(*statements, owner=owner)) == expected
