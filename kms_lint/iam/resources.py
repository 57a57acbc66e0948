"""Which keys a `Resource` reaches.

Identity policies name keys by ARN; nothing else ever matches a key:
https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
In a key policy `*` is the key itself: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import wildcards
from kms_lint.model import Patterns
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text


class Kind(Enum):
    """What a resource stands for, seen from the keys of KMS."""

    EVERY_KEY = "every key of every account"
    ACCOUNT_KEYS = "every key of one account"
    ACCOUNTS_KEYS = "every key of the accounts that a pattern means"
    SOME_KEYS = "some keys"
    ONE_KEY = "one key"
    ALIAS_ARN = "an alias ARN"
    ALIAS_NAME = "an alias name"
    KEY_ID = "a key id"
    NOT_A_KEY = "no key"
    EMPTY_ACCOUNT = "an ARN without account"
    OTHER_SERVICE = "a resource of another service"
    MALFORMED = "no ARN"
    UNKNOWN = "unknown"


class Reach(NamedTuple):
    """What a resource stands for. The parts of its ARN are as written, `*` where AWS fills them in.

    `why` says in words what is wrong with a resource that reaches no key. `of_caller` is whether a policy variable
    decides which keys it reaches.
    """

    kind: Kind
    partition: str = ""
    region: str = ""
    account: str = ""
    name: str = ""
    why: str = ""
    of_caller: bool = False


DEAD: Final = frozenset(
    {Kind.ALIAS_ARN, Kind.ALIAS_NAME, Kind.KEY_ID, Kind.NOT_A_KEY, Kind.EMPTY_ACCOUNT, Kind.MALFORMED}
)
"""Kinds that never match a key in an identity policy, though they may have been meant to."""

WIDE: Final = (Kind.EVERY_KEY, Kind.ACCOUNTS_KEYS, Kind.ACCOUNT_KEYS)
"""Kinds of resources that are all keys of something, the widest first."""

OF_KEYS: Final = frozenset({*WIDE, Kind.SOME_KEYS, Kind.ONE_KEY})
"""Kinds of resources that are keys."""


_VARIABLE: Final = "\ue003"
_LITERAL: Final = "\ue004"
_VARIABLES: Final = re.compile(r"\$\{[^{}]*\}")
_UUID: Final = re.compile(r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8,9}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.I)
_ANY_KEY: Final = "key/????????-????-????-????-????????????"
_ANY_ACCOUNT: Final = "?" * 12
_ANY_ARN: Final = f"arn:*:kms:*:{_ANY_ACCOUNT}:{_ANY_KEY}"


def reach(resource: Text) -> Reach:
    """What a resource of an identity policy stands for.

    An unknown part of an ARN is taken to stay within its segment; when it decides which keys are meant, the kind is
    `UNKNOWN`.
    """
    return _reach(resource.form)


def reaches(patterns: Patterns | None) -> tuple[tuple[Text, Reach], ...]:
    """Each value of `Resource` or `NotResource` with what it stands for."""
    return tuple((value, reach(value)) for value in patterns.values) if patterns is not None else ()


def widest(patterns: Patterns | None) -> Kind | None:
    """The most that a statement surely reaches: every key, every key of some accounts or of one, or less (`None`).

    `NotResource` reaches every key of every account but those it names.
    """
    if patterns is None:
        return None
    kinds = {found.kind for _, found in reaches(patterns)}
    if patterns.negated:
        return None if kinds & {*WIDE, Kind.UNKNOWN} else Kind.EVERY_KEY
    return next((kind for kind in WIDE if kind in kinds), None)


def remaining(patterns: Patterns) -> tuple[Text, ...]:
    """The values of `NotResource` that surely leave out at least one key; all others leave out nothing of KMS."""
    return tuple(value for value, found in reaches(patterns) if found.kind in OF_KEYS)


def is_key(resource: Text, arn: Text | None, owner: str | None) -> bool | None:
    """Whether a resource in a key policy matches the key that the policy belongs to; `None` when nothing tells.

    `arn` is the key's ARN where it is known, `owner` its account.
    """
    found = reach(resource)
    if found.kind in DEAD or found.kind is Kind.OTHER_SERVICE:
        return False
    if found.kind is Kind.UNKNOWN:
        return None
    if found.kind is Kind.EVERY_KEY and found.region == "*" and not _elsewhere(found.partition, arn):
        return True
    if arn is not None and ANYTHING not in arn.form and not found.of_caller:
        return wildcards.matches(resource.form, arn.form) or _compare(found, arn.form)
    if owner is not None and _digits(found.account) and _digits(owner) and found.account != owner:
        return False
    return None


def _elsewhere(partition: str, arn: Text | None) -> bool:
    """Whether a key is surely of another partition."""
    own = arn.form.split(":", 2)[1:2] if arn is not None and ANYTHING not in arn.form else []
    open_ = not own or "<" in partition + own[0] or ANYTHING in partition or _VARIABLE in partition
    return not open_ and not wildcards.matches(partition, own[0])


def _compare(found: Reach, arn: str) -> bool | None:
    """`False` when a part that both know differs, `None` when what differs has no name yet."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    names = (found.name.removeprefix("key/"), parts[5].removeprefix("key/"))
    if all(name.startswith("<") for name in names):
        return None if names[0] == names[1] else False
    pairs = ((found.partition, parts[1]), (found.region, parts[3]), (found.account, parts[4]), names)
    open_ = [pair for pair in pairs if pair[0].startswith("<") or pair[1].startswith("<")]
    agree = all(wildcards.matches(*pair) for pair in pairs if pair not in open_)
    return None if agree and open_ else agree


@lru_cache(maxsize=4096)
def _reach(form: str) -> Reach:
    text = _plain(form)
    if not text.startswith("arn:"):
        return _not_an_arn(text)
    parts = text.split(":", 5)
    parts += ["*"] * (6 - len(parts))  # AWS fills incomplete ARNs up with wildcards
    partition, service, region, account, name = parts[1:]
    known = Reach(Kind.UNKNOWN, partition, region, account, name, "", _VARIABLE in text)
    if not wildcards.overlap(service, "kms"):
        return known._replace(kind=Kind.OTHER_SERVICE, why="it is a resource of another service")
    if not account:
        return known._replace(kind=Kind.EMPTY_ACCOUNT, why="the account in the ARN is empty")
    if not region:
        return known._replace(kind=Kind.NOT_A_KEY, why="the Region in the ARN is empty")
    return _of_kms(known)


def _of_kms(known: Reach) -> Reach:
    """An ARN of KMS, judged by its last part, then by its account."""
    name = known.name
    if not wildcards.overlap(name.replace(_VARIABLE, "*"), "key/?*"):
        return _no_key(known)
    if ANYTHING in name:
        return known
    plain = known._replace(name=name.removeprefix("key/"))
    if wildcards.includes(name, _ANY_KEY):
        return _all_keys(plain)
    if name.startswith("key/") and ("/" in plain.name or ":" in plain.name):
        return known._replace(kind=Kind.NOT_A_KEY, why=f"what follows `key/` is no key id: {plain.name}")
    if _VARIABLE in name or wildcards.has_wildcard(name):
        return plain._replace(kind=Kind.SOME_KEYS)
    return plain._replace(kind=Kind.ONE_KEY)


def _all_keys(known: Reach) -> Reach:
    """All keys of the accounts that the ARN means."""
    account = known.account
    if account == _VARIABLE:
        return known._replace(kind=Kind.ACCOUNT_KEYS, account=DEPLOYMENT_ACCOUNT)
    if wildcards.includes(account, _ANY_ACCOUNT):
        return known._replace(kind=Kind.EVERY_KEY)
    if _VARIABLE in account:
        return known._replace(kind=Kind.SOME_KEYS)
    if wildcards.has_wildcard(account):
        several = wildcards.overlap(account, _ANY_ACCOUNT)
        return known._replace(kind=Kind.ACCOUNTS_KEYS if several else Kind.SOME_KEYS)
    return known._replace(kind=Kind.ACCOUNT_KEYS)


def _no_key(known: Reach) -> Reach:
    """An ARN of KMS whose last part can be no key."""
    name = known.name
    if wildcards.overlap(name.replace(_VARIABLE, "*"), "alias/*"):
        return known._replace(kind=Kind.ALIAS_ARN, why="an alias ARN stands for the alias, not for its key")
    if _UUID.fullmatch(name) or name.startswith("<"):
        return known._replace(kind=Kind.NOT_A_KEY, why="`key/` is missing before the key id")
    if name.startswith("key:"):
        return known._replace(kind=Kind.NOT_A_KEY, why="it says `key:` where a key ARN has `key/`")
    return known._replace(kind=Kind.NOT_A_KEY, why="what it names is neither a key nor an alias")


def _not_an_arn(text: str) -> Reach:
    if wildcards.includes(text, _ANY_ARN):
        return Reach(Kind.EVERY_KEY, "*", "*", "*", "*")
    if text.startswith("alias/"):
        return Reach(Kind.ALIAS_NAME, name=text, why="an alias name is no ARN, and an alias is not its key")
    if _UUID.fullmatch(text) or (text.startswith("<") and text.endswith(">") and ":" not in text):
        return Reach(Kind.KEY_ID, name=text, why="a key id is no ARN")
    if ANYTHING in text or _VARIABLE in text:
        return Reach(Kind.UNKNOWN, name=text, of_caller=_VARIABLE in text)
    if text.startswith("key/"):
        return Reach(Kind.MALFORMED, name=text, why="the beginning of the ARN is missing before `key/`")
    return Reach(Kind.MALFORMED, name=text, why="it is neither an ARN nor `*`")


def _plain(form: str) -> str:
    """The form with policy variables as one character each, so that their colons do not count."""
    if "${" not in form:
        return form
    return _VARIABLES.sub(lambda found: _LITERAL if found[0] in ("${*}", "${?}", "${$}") else _VARIABLE, form)


def _digits(account: str) -> bool:
    return len(account) == 12 and account.isascii() and account.isdigit()
