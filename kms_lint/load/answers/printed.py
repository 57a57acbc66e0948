"""Which answer an object is, and the answers within lists and objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from kms_lint.load.answers import cloudtrail, config_items, iam, kms, organizations
from kms_lint.load.answers.found import Found
from kms_lint.load.options import Options
from kms_lint.load.series import MOST_POLICIES
from kms_lint.model import Document, Status
from kms_lint.source import Source
from kms_lint.syntax.tree import Items, Mapping, Node

_Read: TypeAlias = Callable[[Mapping, Node, Options, Found], bool]
_WHOLE_ACCOUNT: Final = "answer of aws iam get-account-authorization-details"
_ANSWERS: Final[tuple[tuple[str, str, _Read], ...]] = (
    ("KeyMetadata", "answer of aws kms describe-key", kms.metadata),
    ("KeyRotationEnabled", "answer of aws kms get-key-rotation-status", kms.rotation),
    ("Policy", "answer of aws organizations describe-policy", organizations.control_policy),
    ("Policy", "answer of aws kms get-key-policy", kms.key_policy),
    ("Grants", "answer of aws kms list-grants", kms.grants),
    ("Aliases", "answer of aws kms list-aliases", kms.aliases),
    ("PolicyVersion", "answer of aws iam get-policy-version", iam.policy_version),
    ("VersionId", "answer of aws iam get-policy-version", iam.version_alone),
    ("PolicyDocument", "answer of aws iam get-role-policy", iam.inline_policy),
    ("Role", "answer of aws iam get-role", iam.identity_answer),
    ("User", "answer of aws iam get-user", iam.identity_answer),
    ("Group", "answer of aws iam get-group", iam.identity_answer),
    ("UserDetailList", _WHOLE_ACCOUNT, iam.details),
    ("GroupDetailList", _WHOLE_ACCOUNT, iam.details),
    ("RoleDetailList", _WHOLE_ACCOUNT, iam.details),
    ("Policies", _WHOLE_ACCOUNT, iam.managed_policies),
    ("TrailARN", "answer of aws cloudtrail get-event-selectors", cloudtrail.selectors),
    ("Records", "records of CloudTrail", cloudtrail.records),
    ("Events", "answer of aws cloudtrail lookup-events", cloudtrail.events),
)
_NAMES: Final = frozenset(name for name, _, _ in _ANSWERS)
_QUIET: Final = ("PolicyNames", "KeyLastUsage")
_DEPTH: Final = 3


def answer(node: Mapping, path: str, source: Source, options: Options) -> Document | None:
    """What a command printed; skipped when that says nothing about access, `None` for what no known command prints."""
    found = Found()
    for each in _apart(node):
        _object(each, options, found)
    if not found.kinds and any(name in node for name in _QUIET):
        return Document(path, "cli", "", status=Status.SKIPPED)
    return found.document(path, source) if found.kinds else None


def answers(node: Node, path: str, source: Source, options: Options) -> Document | None:
    """What commands printed that somebody put into a list, or into an object under names; `None` when there is none."""
    found = Found()
    _inside(node, options, found, 0)
    return found.document(path, source) if found.kinds else None


def _object(node: Mapping, options: Options, found: Found) -> bool:
    """One object; it may hold the answers of several commands about one key."""
    here = Found()
    if config_items.items(node, options, here):
        here.kinds.append(config_items.WORDS)
    else:
        for name, words, read in _ANSWERS:
            value = node.get(name)
            if value is not None and read(node, value, options, here):
                here.kinds.append(words)
        here.belong()
    found.add(here)
    return bool(here.kinds)


def _inside(node: Node, options: Options, found: Found, depth: int) -> None:
    if depth > _DEPTH:
        return
    if isinstance(node, Items):
        for value in node.values:
            if len(found.policies) >= MOST_POLICIES:
                found.cut = True
                break
            _inside(value, options, found, depth + 1)
    elif isinstance(node, Mapping):
        read = [_object(each, options, found) for each in _apart(node)]
        if any(read):
            return
        here = Found()
        for _, value in node.entries:
            if isinstance(value, Mapping | Items):
                _inside(value, options, here, depth + 1)
        here.belong()
        found.add(here)


def _apart(node: Mapping) -> Iterator[Mapping]:
    """The answers of an object in which names of answers are repeated: YAML, printed one after another into a file."""
    names = [str(name) for name, _ in node.entries]
    repeated = len(set(names)) < len(names) and any(names.count(name) > 1 for name in _NAMES.intersection(names))
    if not repeated:
        yield node
        return
    start = 0
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Mapping(node.entries[start:index], node.at)
            start, seen = index, set()
        seen.add(name)
    yield Mapping(node.entries[start:], node.at)
