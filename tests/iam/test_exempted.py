"""Whom `NotPrincipal` spares in a Deny: who is listed with the account, surely; who is listed without it, perhaps."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.iam import access, denies, exempted, trust
from kms_lint.iam.trust import Trust
from kms_lint.model import Accounts
from tests.iam.build import FOREIGN, OWNER, policy, principal, principals, statement

ROOT = f"arn:aws:iam::{OWNER}:root"
ROLE = f"arn:aws:iam::{OWNER}:role/teams/app"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/app/session"
PARTNER = f"arn:aws:iam::{FOREIGN}:role/partner"
SURELY, PERHAPS, NEVER = True, None, False


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
@pytest.mark.parametrize(
    ("caller", "listed", "denied"),
    [
        pytest.param(ROLE, [ROLE, ROOT], NEVER, id="role and account"),
        pytest.param(ROLE, [ROLE, OWNER], NEVER, id="role and number of the account"),
        pytest.param(ROLE, [ROOT], PERHAPS, id="account without the role"),
        pytest.param(ROLE, [ROLE], PERHAPS, id="role without the account"),
        pytest.param(ROLE, [SESSION], PERHAPS, id="a session of the role"),
        pytest.param(SESSION, [ROLE, ROOT], PERHAPS, id="the role of a session"),
        pytest.param(ROLE, [f"{ROLE}-2"], SURELY, id="another role of the account"),
        pytest.param(ROLE, [f"{ROLE}-2", ROOT], PERHAPS, id="another role with the account"),
        pytest.param(ROLE, [PARTNER, FOREIGN], SURELY, id="another account"),
        pytest.param(ROLE, ["@"], PERHAPS, id="what is not known"),
        pytest.param(ROLE, ["*"], NEVER, id="everybody"),
        pytest.param(ROLE, ["arn:aws:iam::<account>:root"], PERHAPS, id="the account of the deployment"),
        pytest.param(ROOT, [ROOT], NEVER, id="an account that is listed"),
        pytest.param(ROOT, [ROLE], PERHAPS, id="an account with one role listed"),
        pytest.param(ROOT, [PARTNER], SURELY, id="an account of which nobody is listed"),
        pytest.param("*", [ROOT, ROLE], SURELY, id="strangers among everyone"),
        pytest.param("arn:aws:iam::@:root", [ROOT], PERHAPS, id="an account that is not known"),
    ],
)
def test_whom_a_deny_with_not_principal_hits(caller: str, listed: list[str], denied: bool | None) -> None:
    deny = statement({"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "kms:*"})
    assert exempted.denied(principal(caller), deny) is denied


@pytest.mark.parametrize(
    ("listed", "denied"),
    [
        pytest.param({"AWS": ROOT}, SURELY, id="an account"),
        pytest.param({"Service": "sns.amazonaws.com"}, NEVER, id="itself"),
        pytest.param({"Service": "sns.us-east-1.amazonaws.com"}, PERHAPS, id="itself in one Region"),
        pytest.param({"Service": "sqs.amazonaws.com"}, SURELY, id="another service"),
    ],
)
def test_whether_a_deny_with_not_principal_hits_a_service(listed: dict[str, str], denied: bool | None) -> None:
    deny = statement({"Effect": "Deny", "NotPrincipal": listed, "Action": "kms:*"})
    assert exempted.denied(principal("sns.amazonaws.com", "Service"), deny) is denied


@pytest.mark.parametrize(
    ("listed", "spared"),
    [
        ({"AWS": [ROOT]}, [("aws:PrincipalAccount", OWNER)]),
        ({"AWS": [OWNER, ROLE]}, [("aws:PrincipalArn", ROLE)]),
        ({"AWS": [ROOT, PARTNER]}, [("aws:PrincipalAccount", OWNER), ("aws:PrincipalArn", PARTNER)]),
        ({"AWS": "AROAEXAMPLEEXAMPLE123"}, []),
        ({"Service": "sns.amazonaws.com"}, [("aws:PrincipalServiceName", "sns.amazonaws.com")]),
    ],
)
def test_whom_a_list_names(listed: dict[str, Any], spared: list[tuple[str, str]]) -> None:
    found = exempted.spared(principals(listed, negated=True))
    assert [(str(each.key), each.values[0].form) for each in found] == spared


@pytest.mark.parametrize(
    ("listed", "undecided"),
    [([FOREIGN], True), ([PARTNER], True), ([PARTNER, FOREIGN], False), ([PARTNER, ROOT], True)],
)
def test_who_is_listed_by_half(listed: list[str], undecided: bool) -> None:
    assert exempted.undecided(principals({"AWS": listed}, negated=True), FOREIGN) is undecided


@pytest.mark.parametrize(
    ("listed", "standing"),
    [([ROOT], Trust.OWN), ([ROOT, FOREIGN], Trust.UNKNOWN), ([ROOT, PARTNER], Trust.UNKNOWN)],
)
def test_what_is_left_of_everyone(listed: list[str], standing: Trust) -> None:
    found = policy(
        {"Principal": "*", "Action": "kms:Decrypt"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "kms:*"},
    )
    allow = found.statements[0]
    fences = trust.fences(found, allow, frozenset({"kms:Decrypt"}))
    at = trust.home(found, Accounts())
    assert trust.standing(principal("*"), at, allow, tuple(fences.values())).trust is standing


def test_what_a_deny_may_take_from_whom_it_lists_by_half() -> None:
    found = policy(
        {"Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "kms:*"},
    )
    allow, deny = found.statements
    assert access.exposed(found, allow) == access.Exposure(frozenset(), frozenset({"kms:Decrypt"}))
    assert denies.denied(deny, allow) == frozenset()
    assert "kms:Decrypt" in denies.possibly_denied(deny, allow)


def test_an_allow_with_not_principal_is_for_everyone() -> None:
    found = policy(
        {"NotPrincipal": {"AWS": PARTNER}, "Action": "kms:Decrypt"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE]}, "Action": "kms:*"},
    )
    assert "kms:Decrypt" in denies.denied(found.statements[1], found.statements[0])
