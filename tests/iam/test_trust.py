"""Who somebody is to the user: each form of a principal, under each condition, with each configuration."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kms_lint.iam import conditions, trust
from kms_lint.iam.trust import Home, Standing, Trust
from kms_lint.model import Accounts
from tests.iam.build import FOREIGN, OWNER, policy, principal, statement, text

MINE: Final = "o-a1b2c3d4e5"
OTHER: Final = "o-z9y8x7w6v5"
ROLE: Final = f"arn:aws:iam::{FOREIGN}:role/partner"
SESSION: Final = f"arn:aws:sts::{FOREIGN}:assumed-role/partner/session"

PRINCIPALS: Final = {
    "own root": (f"arn:aws:iam::{OWNER}:root", "AWS"),
    "own role": (f"arn:aws:iam::{OWNER}:role/app", "AWS"),
    "deployment": ("arn:<partition>:iam::<account>:role/<aws_iam_role.app.name>", "AWS"),
    "foreign number": (FOREIGN, "AWS"),
    "foreign role": (ROLE, "AWS"),
    "foreign session": (SESSION, "AWS"),
    "foreign, name unknown": (f"arn:aws:iam::{FOREIGN}:@", "AWS"),
    "account unknown": ("arn:aws:iam::@:root", "AWS"),
    "unknown": ("@", "AWS"),
    "deleted": ("AROAEXAMPLEEXAMPLE123", "AWS"),
    "everyone": ("*", "AWS"),
    "service": ("logs.amazonaws.com", "Service"),
    "provider": ("accounts.google.com", "Federated"),
    "canonical user": ("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", "CanonicalUser"),
    "group": (f"arn:aws:iam::{OWNER}:group/admins", "AWS"),
}

CONDITIONS: Final[dict[str, dict[str, Any]]] = {
    "none": {},
    "an organization": {"StringEquals": {"aws:PrincipalOrgID": MINE}},
    "a path in it": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{MINE}/r-ab12/*"}},
    "the key's organization": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    "another organization": {"StringEquals": {"aws:PrincipalOrgID": OTHER}},
    "an organization that is not known": {"StringEquals": {"aws:PrincipalOrgID": "@"}},
    "an organization, if there is one": {"StringEqualsIfExists": {"aws:PrincipalOrgID": MINE}},
    "the own account": {"StringEquals": {"kms:CallerAccount": OWNER}},
    "the foreign account": {"StringEquals": {"aws:PrincipalAccount": FOREIGN}},
    "both accounts": {"StringEquals": {"kms:CallerAccount": [OWNER, FOREIGN]}},
    "an account that is not known": {"StringEquals": {"aws:PrincipalAccount": "@"}},
    "not the foreign account": {"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}},
    "a foreign ARN": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:role/part*"}},
    "an ARN of any account": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/partner"}},
    "a network": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
    "through a service": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    "an id": {"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}},
    "nothing known": {"@": {"@": "@"}},
}
"""In this order the cells of a row stand."""

LETTERS: Final = {
    "-": Trust.NOBODY,
    "D": Trust.DELETED,
    "O": Trust.OWN,
    "G": Trust.ORGANIZATION,
    "T": Trust.TRUSTED,
    "3": Trust.THIRD_PARTY,
    "S": Trust.SERVICE,
    "?": Trust.UNRESOLVED,
    "U": Trust.UNKNOWN,
    "N": Trust.NETWORK,
    "P": Trust.PUBLIC,
}

NOBODY: Final = Accounts()
TRUSTED_ROLE: Final = Accounts(trusted=frozenset({f"arn:aws:iam::{FOREIGN}:role/part*"}))
VENDOR: Final = Accounts(third_party=frozenset({FOREIGN}))
IN_ORGANIZATION: Final = Accounts(organizations=frozenset({MINE}))

OF_A_KNOWN_OWNER: Final = """
own root                O O O O O O O O - O O O - O O O O O
own role                O O O O O O O O - O O O - - O O O O
deployment              O O O O O O O O O O O O O O O O O O
foreign number          U G G G G ? U - U U ? - U U U U U ?
foreign role            U G G G G ? U - U U ? - U U U U U ?
foreign session         U G G G G ? U - U U ? - U U U U U ?
foreign, name unknown   U G G G G ? U - U U ? - U U U U U ?
account unknown         ? G G G G ? ? O ? ? ? ? ? ? ? ? ? ?
unknown                 ? G G G G ? ? O ? ? ? ? ? ? ? ? ? ?
deleted                 D D D D D D D D D D D D D D D D D D
everyone                P G G G G ? P O U U ? P U P N P ? ?
service                 S S S S S S S S S S S S S S S S S S
provider                - - - - - - - - - - - - - - - - - -
canonical user          - - - - - - - - - - - - - - - - - -
group                   - - - - - - - - - - - - - - - - - -
"""
"""The key's account is known, and nothing is configured."""

WITH_A_TRUSTED_ROLE: Final = """
own root                O O O O O O O O - O O O - O O O O O
own role                O O O O O O O O - O O O - - O O O O
deployment              O O O O O O O O O O O O O O O O O O
foreign number          U G G G G ? U - U U ? - U U U U U ?
foreign role            T G G G G T T - T T T - T T T T T T
foreign session         T G G G G T T - T T T - T T T T T T
foreign, name unknown   U G G G G ? U - U U ? - U U U U U ?
account unknown         ? G G G G ? ? O ? ? ? ? T ? ? ? ? ?
unknown                 ? G G G G ? ? O ? ? ? ? T ? ? ? ? ?
deleted                 D D D D D D D D D D D D D D D D D D
everyone                P G G G G ? P O U U ? P T P N P ? ?
service                 S S S S S S S S S S S S S S S S S S
provider                - - - - - - - - - - - - - - - - - -
canonical user          - - - - - - - - - - - - - - - - - -
group                   - - - - - - - - - - - - - - - - - -
"""
"""A role of the other account is trusted, and the account is not."""

WITH_A_VENDOR: Final = """
own root                O O O O O O O O - O O O - O O O O O
own role                O O O O O O O O - O O O - - O O O O
deployment              O O O O O O O O O O O O O O O O O O
foreign number          3 G G G G 3 3 - 3 3 3 - 3 3 3 3 3 3
foreign role            3 G G G G 3 3 - 3 3 3 - 3 3 3 3 3 3
foreign session         3 G G G G 3 3 - 3 3 3 - 3 3 3 3 3 3
foreign, name unknown   3 G G G G 3 3 - 3 3 3 - 3 3 3 3 3 3
account unknown         ? G G G G ? ? O 3 3 ? ? 3 ? ? ? ? ?
unknown                 ? G G G G ? ? O 3 3 ? ? 3 ? ? ? ? ?
deleted                 D D D D D D D D D D D D D D D D D D
everyone                P G G G G ? P O 3 3 ? P 3 P N P ? ?
service                 S S S S S S S S S S S S S S S S S S
provider                - - - - - - - - - - - - - - - - - -
canonical user          - - - - - - - - - - - - - - - - - -
group                   - - - - - - - - - - - - - - - - - -
"""
"""The other account is a third party."""

WITH_AN_ORGANIZATION: Final = """
own root                O O O O O O O O - O O O - O O O O O
own role                O O O O O O O O - O O O - - O O O O
deployment              O O O O O O O O O O O O O O O O O O
foreign number          U G G G U ? U - U U ? - U U U U U ?
foreign role            U G G G U ? U - U U ? - U U U U U ?
foreign session         U G G G U ? U - U U ? - U U U U U ?
foreign, name unknown   U G G G U ? U - U U ? - U U U U U ?
account unknown         ? G G G ? ? ? O ? ? ? ? ? ? ? ? ? ?
unknown                 ? G G G ? ? ? O ? ? ? ? ? ? ? ? ? ?
deleted                 D D D D D D D D D D D D D D D D D D
everyone                P G G G U ? P O U U ? P U P N P ? ?
service                 S S S S S S S S S S S S S S S S S S
provider                - - - - - - - - - - - - - - - - - -
canonical user          - - - - - - - - - - - - - - - - - -
group                   - - - - - - - - - - - - - - - - - -
"""
"""The own organization is configured."""

OF_AN_UNKNOWN_OWNER: Final = """
own root                ? G G G G ? ? ? - ? ? ? - ? ? ? ? ?
own role                ? G G G G ? ? ? - ? ? ? - - ? ? ? ?
deployment              O O O O O O O O O O O O O O O O O O
foreign number          ? G G G G ? ? - ? ? ? - ? ? ? ? ? ?
foreign role            ? G G G G ? ? - ? ? ? - ? ? ? ? ? ?
foreign session         ? G G G G ? ? - ? ? ? - ? ? ? ? ? ?
foreign, name unknown   ? G G G G ? ? - ? ? ? - ? ? ? ? ? ?
account unknown         ? G G G G ? ? ? ? ? ? ? ? ? ? ? ? ?
unknown                 ? G G G G ? ? ? ? ? ? ? ? ? ? ? ? ?
deleted                 D D D D D D D D D D D D D D D D D D
everyone                P G G G G ? P ? ? ? ? P ? P N P ? ?
service                 S S S S S S S S S S S S S S S S S S
provider                - - - - - - - - - - - - - - - - - -
canonical user          - - - - - - - - - - - - - - - - - -
group                   - - - - - - - - - - - - - - - - - -
"""
"""Nothing tells the key's account, so that any number may be it."""

TABLES: Final = {
    "a known owner": (OF_A_KNOWN_OWNER, OWNER, NOBODY),
    "a trusted role": (WITH_A_TRUSTED_ROLE, OWNER, TRUSTED_ROLE),
    "a vendor": (WITH_A_VENDOR, OWNER, VENDOR),
    "an organization": (WITH_AN_ORGANIZATION, OWNER, IN_ORGANIZATION),
    "an unknown owner": (OF_AN_UNKNOWN_OWNER, "<account>", NOBODY),
}


def standing(name: str, under: str, at: Home) -> Standing:
    allow = statement({"Principal": "*", "Action": "kms:Decrypt", "Condition": CONDITIONS[under]}, owner=at.owner)
    return trust.standing(principal(*PRINCIPALS[name]), at, allow)


def cells(table: str) -> dict[tuple[str, str], Trust]:
    rows = {row[:24].strip(): row[24:].split() for row in table.strip().splitlines()}
    return {(name, under): LETTERS[row[at]] for name, row in rows.items() for at, under in enumerate(CONDITIONS)}


@pytest.mark.parametrize("of", TABLES)
def test_every_cell(of: str) -> None:
    table, owner, accounts = TABLES[of]
    expected = cells(table)
    assert expected.keys() == {(name, under) for name in PRINCIPALS for under in CONDITIONS}
    at = Home(owner, accounts)
    found = {each: standing(*each, at).trust for each in expected}
    assert found == expected


@pytest.mark.parametrize("under", CONDITIONS)
@pytest.mark.parametrize("name", PRINCIPALS)
def test_laws_over_all_cells(name: str, under: str) -> None:
    found = {
        accounts: standing(name, under, Home(OWNER, accounts)).trust for accounts in (NOBODY, VENDOR, TRUSTED_ROLE)
    }
    trusted = standing(name, under, Home(OWNER, Accounts(trusted=frozenset({FOREIGN})))).trust
    assert (trusted is Trust.TRUSTED) == (found[VENDOR] is Trust.THIRD_PARTY)
    assert standing(name, under, Home(OWNER, Accounts(own=frozenset({OWNER})))).trust is found[NOBODY]
    deployed = standing(name, under, Home("<account>", Accounts(own=frozenset({OWNER})))).trust
    assert deployed is found[NOBODY], "an own account that is configured is as good as one that the files tell"
    both = standing(name, under, Home(OWNER, Accounts(own=frozenset({OWNER, FOREIGN})))).trust
    assert both not in (Trust.UNKNOWN, Trust.THIRD_PARTY) or under == "another organization"
    nothing = standing(name, under, Home("<account>", NOBODY)).trust
    assert nothing not in trust.STRANGE, "while nothing tells the key's account, no account is a stranger for sure"


@pytest.mark.parametrize("name", ["account unknown", "unknown"])
def test_what_is_not_known_never_accuses(name: str) -> None:
    for accounts in (NOBODY, VENDOR, TRUSTED_ROLE, IN_ORGANIZATION):
        found = standing(name, "none", Home(OWNER, accounts))
        assert (found.trust, found.sure) == (Trust.UNRESOLVED, False)


def test_an_unknown_condition_takes_away_certainty_and_no_more() -> None:
    trusted = Accounts(trusted=frozenset({FOREIGN}))
    assert standing("foreign role", "none", Home(OWNER, trusted)).sure
    found = standing("foreign role", "nothing known", Home(OWNER, trusted))
    assert (found.trust, found.sure) == (Trust.TRUSTED, False)


@pytest.mark.parametrize(
    ("account", "owner", "accounts", "expected"),
    [
        (FOREIGN, OWNER, NOBODY, "is not named in the configuration of kms-lint"),
        (FOREIGN, OWNER, Accounts(own=frozenset({OWNER})), "is not among those in the configuration of kms-lint"),
        (FOREIGN, OWNER, VENDOR, "is a third party in the configuration of kms-lint"),
        (FOREIGN, OWNER, Accounts(own=frozenset({FOREIGN})), "is one of your own"),
        (FOREIGN, "<account>", NOBODY, "may be the key's own: nothing tells which that is"),
        (OWNER, OWNER, NOBODY, "is the key's own"),
        ("<account>", None, NOBODY, "is the key's own"),
        ("@", OWNER, NOBODY, "is not known yet"),
    ],
)
def test_why_an_account_is_what_it_is(account: str, owner: str | None, accounts: Accounts, expected: str) -> None:
    assert trust.of_account(text(account).form, Home(owner, accounts)).why == expected


@pytest.mark.parametrize(
    ("entry", "arn", "expected"),
    [
        (ROLE, ROLE, True),
        (ROLE, SESSION, True),
        (ROLE, f"arn:aws:iam::{FOREIGN}:role/partner-2", False),
        (ROLE, f"arn:<partition>:iam::{FOREIGN}:role/partner", True),
        (f"arn:aws:iam::{FOREIGN}:role/team/*", f"arn:aws:iam::{FOREIGN}:role/team/app", True),
        (f"arn:aws:iam::{FOREIGN}:role/team/*", f"arn:aws:iam::{FOREIGN}:role/team/@", True),
        (f"arn:aws:iam::{FOREIGN}:role/team/*", f"arn:aws:iam::{FOREIGN}:role/@", False),
        (ROLE, f"arn:aws:iam::{FOREIGN}:root", False),
        (ROLE, "arn:aws:iam::777788889999:role/partner", False),
    ],
)
def test_a_principal_can_be_trusted_by_its_arn(entry: str, arn: str, expected: bool) -> None:
    at = Home(OWNER, Accounts(trusted=frozenset({entry})))
    assert (trust.standing(principal(arn), at).trust is Trust.TRUSTED) is expected


def test_an_account_that_alone_may_change_the_key_policy_is_the_key_s() -> None:
    held = policy({"Principal": {"AWS": FOREIGN}, "Action": "kms:*"}, owner=None)
    assert trust.standing(principal(ROLE), trust.home(held, NOBODY)).trust is Trust.OWN
    configured = Accounts(own=frozenset({OWNER}))
    assert trust.standing(principal(ROLE), trust.home(held, configured)).trust is Trust.UNKNOWN


def test_every_condition_on_callers_says_something_about_them() -> None:
    """A key that limits callers and that nobody has thought of here would leave everyone."""
    callers = {key for key, meaning in conditions._MEANINGS.items() if meaning.limit in conditions.WHO_CALLS}
    values = {
        "org": MINE,
        "arn": f"arn:aws:iam::{FOREIGN}:role/x",
        "id": "AROAEXAMPLEEXAMPLE123",
        "ip": "203.0.113.0/24",
    }
    for key in callers:
        kind = next((name for name in values if name in key), "arn" if "arn" in key else "")
        value = f"{MINE}/r-ab12/*" if "paths" in key else values.get(kind, FOREIGN)
        operator = (
            "IpAddress"
            if kind == "ip"
            else "ForAnyValue:StringLike"
            if key.endswith(("paths", "list"))
            else "StringLike"
        )
        allow = statement({"Principal": "*", "Action": "kms:Decrypt", "Condition": {operator: {key: value}}})
        assert trust.standing(principal("*"), Home(OWNER, NOBODY), allow).trust is not Trust.PUBLIC, key


DENY: Final = {"Effect": "Deny", "Principal": "*", "Action": "kms:*"}
USE: Final = frozenset({"kms:Decrypt"})


@pytest.mark.parametrize(
    ("deny", "of_role", "of_everyone"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": MINE}}, Trust.ORGANIZATION, Trust.ORGANIZATION),
        ({"StringNotEquals": {"aws:PrincipalOrgID": OTHER}}, Trust.UNKNOWN, Trust.UNKNOWN),
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": MINE}}, Trust.ORGANIZATION, Trust.ORGANIZATION),
        ({"StringNotEquals": {"aws:PrincipalAccount": OWNER}}, Trust.NOBODY, Trust.OWN),
        ({"StringNotEquals": {"aws:PrincipalAccount": [OWNER, FOREIGN]}}, Trust.UNKNOWN, Trust.UNKNOWN),
        ({"ArnNotLike": {"aws:PrincipalArn": ROLE}}, Trust.UNKNOWN, Trust.UNKNOWN),
        ({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/*"}}, Trust.NOBODY, Trust.OWN),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, Trust.UNKNOWN, Trust.NETWORK),
        ({"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, Trust.UNKNOWN, Trust.PUBLIC),
        ({"StringEquals": {"aws:PrincipalOrgID": MINE}}, Trust.UNKNOWN, Trust.PUBLIC),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "@"}}, Trust.UNKNOWN, Trust.PUBLIC),
        # spared is who fails one of them: the members of the organization, and the role
        (
            {"StringNotEquals": {"aws:PrincipalOrgID": MINE}, "ArnNotEquals": {"aws:PrincipalArn": ROLE}},
            Trust.UNKNOWN,
            Trust.UNKNOWN,
        ),
        (
            {"StringNotEquals": {"aws:PrincipalOrgID": MINE}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
            Trust.ORGANIZATION,
            Trust.ORGANIZATION,
        ),
    ],
)
def test_whom_a_deny_leaves(deny: dict[str, Any], of_role: Trust, of_everyone: Trust) -> None:
    at = Home(OWNER, IN_ORGANIZATION)
    for who, expected in ((ROLE, of_role), ("*", of_everyone)):
        held = policy({"Principal": {"AWS": who}, "Action": "kms:Decrypt"}, {**DENY, "Condition": deny})
        fences = tuple(trust.fences(held, held.statements[0], USE).values())
        assert trust.standing(principal(who), at, held.statements[0], fences).trust is expected


def test_a_deny_of_other_actions_leaves_everybody() -> None:
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": MINE}}
    held = policy(
        {"Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"},
        {**DENY, "Action": "kms:Encrypt", "Condition": outside},
        {**DENY, "Effect": "Allow", "Condition": outside},
    )
    assert trust.fences(held, held.statements[0], USE) == {}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, None),
        ({"StringEquals": {"aws:SourceAccount": OWNER}}, Trust.OWN),
        ({"StringEquals": {"aws:SourceAccount": [OWNER, FOREIGN]}}, Trust.UNKNOWN),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{FOREIGN}:topic"}}, Trust.UNKNOWN),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, Trust.UNRESOLVED),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, None),
        ({"StringEquals": {"aws:SourceOrgID": OTHER}}, Trust.ORGANIZATION),
        ({"StringEquals": {"aws:SourceAccount": "@"}}, Trust.UNRESOLVED),
        (
            {
                "StringEquals": {"aws:SourceAccount": OWNER},
                "ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{FOREIGN}:topic"},
            },
            Trust.OWN,
        ),
        ({"StringEquals": {"aws:PrincipalAccount": FOREIGN}}, None),
    ],
)
def test_for_whom_a_service_may_act(asked: dict[str, Any], found: Trust | None) -> None:
    said = statement({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt", "Condition": asked})
    standing = trust.source(said, Home(OWNER))
    assert (standing.trust if standing else None) is found
