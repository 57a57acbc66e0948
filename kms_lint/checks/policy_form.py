"""What AWS refuses or misreads in a policy as a whole: its length, its characters, its account ids, its ARNs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, kms, resources, size, wildcards
from kms_lint.iam.comparisons import comparison, parse
from kms_lint.iam.resources import Kind
from kms_lint.model import Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Text

_ACCOUNTS: Final = frozenset(
    f"{name}".lower()
    for name in (
        *("aws:PrincipalAccount", "kms:CallerAccount", "aws:SourceAccount", "aws:SourceOwner"),
        *("aws:ResourceAccount", "aws:VpceAccount"),
    )
)
_DIGITS: Final = 12
_REGIONS: Final = {partition: frozenset(names.split()) for partition, names in kms.REGIONS.items()}
_IN_REGIONS: Final = frozenset(
    {*(Kind.ONE_KEY, Kind.SOME_KEYS, Kind.ACCOUNT_KEYS, Kind.ACCOUNTS_KEYS, Kind.EVERY_KEY), Kind.ALIAS_ARN}
)
"""Kinds of resources that are in a Region, of an account."""

_KINDS: Final = {PolicyKind.SCP: "scp", PolicyKind.RCP: "rcp"}
_INLINE: Final = {"user": "inline_user", "role": "inline_role", "group": "inline_group"}


@check(Policy)
def policy_too_large(policy: Policy, world: World) -> Iterator[Hit]:
    """A policy is longer than AWS takes, or holds characters that AWS KMS refuses.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    if policy.node is None:
        return
    if policy.kind is PolicyKind.KEY:
        length, refused = size.measured(policy.node)
        if length > kms.KEY_POLICY_BYTES:
            label = f"{length} bytes at least, and a key policy has at most {kms.KEY_POLICY_BYTES}"
            yield Hit(policy.at, label)
        for text, character in refused:
            label = f"AWS KMS refuses the character `{character}` (U+{ord(character):04X}) in a key policy"
            yield Hit(text.at, label, str(text))
        return
    limit, what = _limit(policy, world)
    length = size.least_bytes(policy.node) if limit else 0
    if length > limit:
        yield Hit(policy.at, f"{length} characters at least, and {what} has at most {limit}")


def _limit(policy: Policy, world: World) -> tuple[int, str]:
    """The most characters that a policy may have; 0 where that is not known."""
    if policy.kind in _KINDS:
        return kms.POLICY_CHARACTERS[_KINDS[policy.kind]], f"a policy of this kind ({policy.kind.value})"
    if policy.kind is not PolicyKind.IDENTITY:
        return 0, ""
    types, managed = _identities(world)
    if policy.address in managed:
        return kms.POLICY_CHARACTERS["identity_managed"], "a managed policy"
    type_ = types.get(policy.of or "")
    if type_ in _INLINE:
        return kms.POLICY_CHARACTERS[_INLINE[type_]], f"a {type_} for its inline policies"
    return max(kms.POLICY_CHARACTERS.values()), "any policy of IAM"


@lru_cache(maxsize=1)
def _identities(world: World) -> tuple[dict[str, str], frozenset[str]]:
    """The types of identities by address, and the addresses of the policies that are attached to some."""
    found = [each for document in world.documents for each in document.identities]
    attached = frozenset(str(text) for each in found for text in each.attached)
    return {each.address: each.type for each in found}, attached


@check(Statement)
def account_id_not_text(statement: Statement, world: World) -> Iterator[Hit]:
    """An account id has lost a digit, or loses its first one because it is written as a number.

    https://yaml.org/type/int.html
    """
    for principal in statement.principals.values if statement.principals is not None else ():
        if principal.type.form == "AWS" and _octal(principal.value):
            yield _as_number(principal.value)
    for condition in statement.conditions:
        compared = comparison(parse(condition.operator.text))
        if condition.key.form.lower() not in _ACCOUNTS or compared is None or compared.type == "Null":
            continue
        for value in condition.values:
            if _octal(value):
                yield _as_number(value)
            elif _too_short_or_long(value.form):
                label = f"an account id has {_DIGITS} digits, and this has {len(value.form)}: it matches no account"
                yield Hit(value.at, label, str(value))
    for value, reach in resources.reaches(statement.resources):
        if reach.kind in _IN_REGIONS and _too_short_or_long(reach.account):
            label = (
                f"an account id has {_DIGITS} digits, and `{reach.account}` has {len(reach.account)}: it matches no key"
            )
            yield Hit(value.at, label, str(value))


def _too_short_or_long(account: str) -> bool:
    return account.isascii() and account.isdigit() and len(account) != _DIGITS


def _as_number(value: Text) -> Hit:
    label = f'without quotes a number that begins with 0 is read as another one: write `"{value}"`'
    return Hit(value.at, label, str(value), edits=corrected(value, f'"{value}"'))


def _octal(value: Text) -> bool:
    """Whether digits that begin with 0 stand in YAML without quotes, where they are read as an octal number."""
    form = value.form
    if not form.startswith("0") or len(form) != _DIGITS or not set(form) <= set("01234567"):
        return False
    span = locate(value.at)
    return span.source.text[span.start : span.end] == form and not span.source.path.endswith((".json", ".tf"))


@check(Statement)
def wrong_region_or_partition(statement: Statement, world: World) -> Iterator[Hit]:
    """An ARN of a key names a Region or a partition that do not exist or do not belong together.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if statement.kind is PolicyKind.KEY or not actions.reachable(statement.actions) or statement.resources is None:
        return
    for value, reach in resources.reaches(statement.resources):
        if reach.kind in _IN_REGIONS:
            yield from _misplaced(value, reach)


def _misplaced(value: Text, reach: resources.Reach) -> Iterator[Hit]:
    partition, region = reach.partition, reach.region
    if _plain(partition) and partition not in _REGIONS:
        yield Hit(value.at, f"there is no partition `{partition}`: this matches no key", str(value))
    elif _plain(region) and _plain(partition) and region not in _REGIONS[partition]:
        where = next((name for name, names in _REGIONS.items() if region in names), None)
        if where is not None:
            meant = value.replace(f"arn:{partition}:", f"arn:{where}:", 1)
            label = f"`{region}` belongs to the partition `{where}`, so this matches no key: write `{meant}`"
            yield Hit(value.at, label, str(value), edits=corrected(value, meant) if value.known else ())
        else:
            label = f"`{region}` is not among the Regions that AWS names"
            yield Hit(value.at, label, str(value), confidence=Confidence.POSSIBLE)
    elif region == "*" and reach.kind is Kind.ONE_KEY and value.known and not reach.name.startswith(("mrk-", "<")):
        label = "this key is in one Region, and the wildcard stands for all: write its Region"
        yield Hit(value.at, label, str(value), severity=Severity.LOW)


def _plain(part: str) -> bool:
    """Whether a part of an ARN is known and no pattern."""
    return (
        bool(part)
        and not wildcards.has_wildcard(part)
        and not set("<$" + ANYTHING) & set(part)
        and part.isascii()
        and part.isprintable()
    )


@check(Policy)
def hard_coded_partition(policy: Policy, world: World) -> Iterator[Hit]:
    """A policy that follows the partition it is deployed to in some places names one in others.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    texts = [(statement, text) for statement in policy.statements for text in _texts(statement)]
    if not any(_follows(text) for _, text in texts):
        return
    for statement, text in texts:
        if text.form.startswith("arn:aws:"):
            yield Hit(
                text.at,
                "other ARNs of this policy follow the partition, and this one does not",
                str(text),
                statement=statement.index,
            )


def _follows(text: Text) -> bool:
    """Whether an ARN was written to follow the partition: one that is asked of a resource says nothing about that."""
    return "arn:<partition>:" in text.form and not (text.startswith("<") and text.endswith(">"))


def _texts(statement: Statement) -> Iterator[Text]:
    """The texts of a statement that may be ARNs."""
    if statement.principals is not None:
        yield from (each.value for each in statement.principals.values)
    if statement.resources is not None:
        yield from statement.resources.values
    for condition in statement.conditions:
        yield from condition.values
