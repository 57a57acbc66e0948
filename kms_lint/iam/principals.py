"""Who a principal is, seen from a key and its account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import kms, wildcards
from kms_lint.model import Accounts, PolicyKind, Principal
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text


class Who(Enum):
    """What kind of principal it is, and on which side of the border of the key's account."""

    EVERYONE = "everyone"
    OWN_ACCOUNT = "the key's own account"
    FOREIGN_ACCOUNT = "another account"
    SOME_ACCOUNT = "an account"
    IDENTITY = "an identity of the key's account"
    FOREIGN_IDENTITY = "an identity of another account"
    SOME_IDENTITY = "an identity of some account"
    SERVICE = "a service"
    FEDERATED = "a federated provider"
    DELETED = "an identity that was deleted"
    INVALID = "nobody"
    UNKNOWN = "unknown"


class Side(Enum):
    """Whether an account is the key's own."""

    OWN = "own"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


class _Arn(NamedTuple):
    partition: str
    service: str
    region: str
    account: str
    resource: str


NOBODY: Final = Accounts()
"""The accounts of a user who named none."""

TYPES: Final = ("AWS", "Service", "Federated", "CanonicalUser")
"""The types that a principal may have; letter case counts."""

ACCOUNTS: Final = frozenset({Who.OWN_ACCOUNT, Who.FOREIGN_ACCOUNT, Who.SOME_ACCOUNT})
"""Principals that are a whole account."""

IDENTITIES: Final = frozenset({Who.IDENTITY, Who.FOREIGN_IDENTITY, Who.SOME_IDENTITY})
"""Principals that are a user, a role, or a session."""

FOREIGN: Final = frozenset({Who.FOREIGN_ACCOUNT, Who.FOREIGN_IDENTITY})
"""Principals that are surely of another account than the key."""

_NOWHERE: Final = Span(Source("", ""), 0, 0)
_UNIQUE_ID: Final = re.compile(rf"(?:{'|'.join(kms.UNIQUE_IDS)})[A-Z0-9]{{10,}}(?::.*)?")
_ORIGIN_IDENTITY: Final = ("arn:aws:iam::cloudfront:user/", "arn:aws-cn:iam::cloudfront:user/")
_NAMED: Final = {
    "iam": ("user/", "role/"),
    "sts": ("assumed-role/", "federated-user/"),
}
_SIDES: Final = {
    (True, Side.OWN): Who.OWN_ACCOUNT,
    (True, Side.FOREIGN): Who.FOREIGN_ACCOUNT,
    (True, Side.UNKNOWN): Who.SOME_ACCOUNT,
    (False, Side.OWN): Who.IDENTITY,
    (False, Side.FOREIGN): Who.FOREIGN_IDENTITY,
    (False, Side.UNKNOWN): Who.SOME_IDENTITY,
}


def who(principal: Principal, owner: str | None, accounts: Accounts = NOBODY) -> Who:
    """Who a principal is, for a key of the account `owner` and a user with these accounts.

    `"*"` is everyone under whichever type it stands, also where AWS refuses it (see `fault`).
    """
    return _who(principal.type.form, principal.value.form, owner, accounts)


@lru_cache(maxsize=8192)
def _who(type_: str, form: str, owner: str | None, accounts: Accounts) -> Who:
    """Who a principal is, from its plain text: every rule asks, and the same few principals occur again and again."""
    principal = Principal(Text(type_, _NOWHERE, type_), Text(form, _NOWHERE, form))
    if form == "*" or principal.type.form == "*":
        return Who.EVERYONE
    if ANYTHING in principal.type.form:
        return Who.UNKNOWN
    if fault(principal, PolicyKind.TRUST) is not None:
        return Who.INVALID
    if principal.type.form == "Service":
        return Who.SERVICE
    if principal.type.form != "AWS":
        return Who.FEDERATED
    if _UNIQUE_ID.fullmatch(form):
        return Who.DELETED
    named, arn = account(principal), _arn(form)
    if named is None or (arn is not None and arn.resource.startswith((ANYTHING, "<"))):
        return Who.UNKNOWN
    return _SIDES[_is_account(form), side(named, owner, accounts)]


def account(principal: Principal) -> str | None:
    """The account of a principal: twelve digits, `<account>`, or what is known of it; `None` for others.

    An account that is not known is a text with `ANYTHING` or `<…>` in it.
    """
    form = principal.value.form
    if principal.type.form != "AWS":
        return None
    arn = _arn(form)
    if arn is not None:
        return arn.account
    return form if _is_bare_account(form) else None


def side(named: str, owner: str | None, accounts: Accounts = NOBODY) -> Side:
    """Whether an account is the key's own, for a key of the account `owner` (`None`: nothing tells)."""
    if named in (owner, DEPLOYMENT_ACCOUNT):
        return Side.OWN
    if not _digits(named):
        return Side.UNKNOWN
    if owner is not None and _digits(owner):
        return Side.FOREIGN
    if accounts.own:
        return Side.OWN if named in accounts.own else Side.FOREIGN
    return Side.FOREIGN if named in _of_others(accounts) else Side.UNKNOWN


@lru_cache(maxsize=16)
def _of_others(accounts: Accounts) -> frozenset[str]:
    """The accounts that the user names and that are not the user's, also by ARNs of principals in them."""
    entries = accounts.trusted | accounts.third_party
    return frozenset(entry.split(":")[4] if entry.startswith("arn:") else entry for entry in entries)


def grantee_of(text: Text) -> Principal:
    """Whom a grant names: it writes no type."""
    return Principal(Text("AWS", text.at), text)


def is_account(principal: Principal) -> bool:
    """Whether a principal is a whole account: its root ARN or its number."""
    return principal.type.form == "AWS" and _is_account(principal.value.form)


def is_unique_id(form: str) -> bool:
    """Whether a text is the unique id of a user or a role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    return _UNIQUE_ID.fullmatch(form) is not None


def fault(principal: Principal, kind: PolicyKind = PolicyKind.KEY) -> str | None:
    """Why AWS refuses a principal, in words; `None` when it does not, or when too little is known."""
    type_, form = principal.type.form, principal.value.form
    if type_ == "*" or ANYTHING in type_:
        return None
    if type_ not in TYPES:
        meant = next((each for each in TYPES if each.lower() == type_.lower()), None)
        return f"`{type_}` is no type of principal" + (f", write `{meant}`" if meant else "")
    if form == "*" and type_ == "AWS":
        return None
    if kind is PolicyKind.KEY and type_ in ("Federated", "CanonicalUser"):
        return f"a key policy takes no `{type_}` principal"
    if type_ == "Service":
        return _service_fault(form)
    if type_ != "AWS" or (kind is not PolicyKind.KEY and form.startswith(_ORIGIN_IDENTITY)):
        return None
    return _aws_fault(form)


def _service_fault(form: str) -> str | None:
    if wildcards.has_wildcard(form):
        return "a service principal has no wildcards, name the service" if form != "*" else "`*` is no service"
    if ANYTHING in form or "<" in form:
        return None
    if form.startswith("arn:") or "/" in form:
        return "a service principal looks like `logs.us-east-1.amazonaws.com`"
    if "." not in form:
        return f"a service principal ends in a domain, write `{form}.amazonaws.com`"
    return None


def _aws_fault(form: str) -> str | None:
    """The faults of a principal of type `AWS` that is not `*`."""
    if form.startswith("arn:"):
        return _arn_fault(form)
    if ANYTHING in form or _UNIQUE_ID.fullmatch(form) or _digits(form) or _open(form):
        return None
    if wildcards.has_wildcard(form):
        return "a wildcard has to be the whole principal: no part of a name or number can be one"
    if form.isascii() and form.isdigit():
        return f"an account number has 12 digits, this has {len(form)}"
    if form.endswith(tuple(kms.PARTITIONS.values())):
        return "a service stands under `Service`, not under `AWS`"
    return "it is neither an ARN nor an account number"


def _arn_fault(form: str) -> str | None:
    arn = _arn(form)
    if arn is None:
        return None if ANYTHING in form else "it is no complete ARN of a principal"
    if arn.partition not in kms.PARTITIONS and not _open(arn.partition):
        return f"there is no partition `{arn.partition}`"
    if arn.service not in _NAMED and ANYTHING not in arn.service:
        return f"nothing of `{arn.service}` is a principal, only users, roles, sessions and accounts are"
    if arn.region:
        return "the ARN of a principal has no Region"
    if wildcards.has_wildcard(form):
        return "a wildcard has to be the whole principal: AWS matches no part of an ARN here"
    if not _is_account_id(arn.account):
        return f"`{arn.account}` is no account number of 12 digits" if arn.account else "the account is missing"
    return _resource_fault(arn)


def _resource_fault(arn: _Arn) -> str | None:
    resource = arn.resource
    if ANYTHING in arn.service or resource.startswith((ANYTHING, "<")):
        return None
    if arn.service == "iam" and resource == "root":
        return None
    prefixes = _NAMED[arn.service]
    if resource.startswith(prefixes):
        return _name_fault(resource)
    if resource.startswith("group/"):
        return "a group cannot be a principal, name its users or a role"
    if resource.startswith(("assumed-role/", "federated-user/", "user/", "role/")):
        return f"`{resource.split('/')[0]}` does not belong to `{arn.service}`"
    return None if ANYTHING in resource else f"`{resource.split('/')[0]}` is no kind of principal"


def _name_fault(resource: str) -> str | None:
    kind, _, name = resource.partition("/")
    if not name or name.endswith("/"):
        return f"the name of the {kind} is missing"
    if kind == "assumed-role" and "/" not in name and ANYTHING not in name:
        return "the name of the session is missing after that of the role"
    return None


@lru_cache(maxsize=8192)
def _arn(form: str) -> _Arn | None:
    """The parts of an ARN; an unknown part is taken to stay within its segment."""
    parts = form.split(":", 5)
    return _Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def _is_account(form: str) -> bool:
    arn = _arn(form)
    return _is_bare_account(form) if arn is None else arn.service == "iam" and arn.resource == "root"


def _is_account_id(text: str) -> bool:
    return _digits(text) or (_open(text) and ":" not in text and "/" not in text)


def _is_bare_account(text: str) -> bool:
    return _digits(text) or text == DEPLOYMENT_ACCOUNT


def _open(text: str) -> bool:
    """Whether a text stands for something that has no known name yet."""
    return (text.startswith("<") and text.endswith(">")) or (ANYTHING in text and not wildcards.has_wildcard(text))


def _digits(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()
