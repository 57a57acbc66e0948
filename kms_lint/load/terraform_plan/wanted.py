"""Which resources of a plan or state may be for us: told by their types, and by what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.terraform.arguments import Path
from kms_lint.load.terraform.around import TYPES
from kms_lint.load.terraform.consumer_places import CONSUMERS
from kms_lint.load.terraform.delivery_places import DELIVERIES, MADE_FROM, SHARES
from kms_lint.load.terraform.identity_places import ATTACHMENTS, IDENTITIES, MEMBERSHIPS
from kms_lint.load.terraform.keys import KEYS
from kms_lint.load.terraform.places import ORGANIZATIONS, places

_OURS: Final = ("aws_kms_", "aws_iam_", "awscc_kms_", "awscc_iam_")
_ALWAYS: Final = frozenset(
    {"aws_caller_identity", "aws_region", "aws_partition", *IDENTITIES, *ATTACHMENTS, *MEMBERSHIPS, *TYPES}
)


def ours(type: object, values: object) -> bool:
    """Whether a resource may be for us: by its type, because it has a policy or names a key, or writes to others or shares something.

    `values` are its values, or the marks of those that are not known yet.
    """
    if not isinstance(type, str):
        return False
    if type.startswith(_OURS) or type in _ALWAYS:
        return True
    return any(_holds(values, path) for path in (*policy_paths(type), *_named(type)))


def _named(type: str) -> Iterator[Path]:
    """The paths to the names of keys, of what is written to, of who shares something and of what that was made from."""
    uses = CONSUMERS.get(type)
    yield from () if uses is None else uses.paths
    for delivering in DELIVERIES.get(type, ()):
        yield from delivering.paths
    yield from SHARES[type].accounts if type in SHARES else ()
    if type in MADE_FROM:
        yield MADE_FROM[type]


def policy_paths(type: str) -> tuple[Path, ...]:
    """The paths to the policies in the values of a resource."""
    if type in KEYS:
        return ((KEYS[type],),)
    if type in ORGANIZATIONS:
        return (("content",),)
    return tuple(place.path for place in places(type))


def _holds(values: object, path: Path) -> bool:
    """Whether there is something at a path; nested blocks are objects or lists of them."""
    if values is True or not path:
        return bool(values)
    if isinstance(values, list):
        return any(_holds(each, path) for each in values)
    return isinstance(values, dict) and _holds(values.get(path[0]), path[1:])
