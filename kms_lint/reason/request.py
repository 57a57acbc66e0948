"""One concrete request, and who makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum, StrEnum

from kms_lint.record import dataclass


class CallerKind(StrEnum):
    """What kind of principal makes a request."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    FEDERATED_USER = "federated-user"
    SERVICE = "service"
    PROVIDER = "provider"
    UNIQUE_ID = "unique-id"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    `name` is what follows the account in the ARN (`role/path/app`, `user/ann`, `root`), or the name of the service, the
    provider, or the unique id. A caller with a role is a session of it, called `session`.
    """

    kind: CallerKind
    name: str
    account: str | None = None
    partition: str = "aws"
    session: str = ""

    @property
    def arn(self) -> str | None:
        """What `aws:PrincipalArn` holds: for a session the ARN of its role; `None` for those that have no ARN."""
        if self.account is None:
            return None
        service = "sts" if self.kind is CallerKind.FEDERATED_USER else "iam"
        return f"arn:{self.partition}:{service}::{self.account}:{self.name}"

    @property
    def shown(self) -> str:
        """As AWS logs it."""
        if self.kind is CallerKind.ROLE:
            role = self.name.rsplit("/", 1)[-1]
            return f"arn:{self.partition}:sts::{self.account}:assumed-role/{role}/{self.session}"
        return self.arn or self.name


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `context` holds condition keys in lower case; a key without values is not in it.

    What depends on the caller (`aws:PrincipalArn` and the like) is not in `context`: it follows from `caller`.
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else decides a request to a key, beside its policy.

    `account` is the key's, and empty where a policy is read on its own. `identity_allows` is whether the caller's identity policies allow the request, `limits_allow`
    whether its permissions boundary and session policy do, and `bounded` whether it has a boundary.
    """

    account: str
    identity_allows: bool = False
    limits_allow: bool = True
    bounded: bool = False


class Way(Enum):
    """How an Allow of a key policy reaches a caller."""

    DIRECT = "direct"
    BOUNDED = "within the limits of the role"
    DELEGATED = "by IAM policies of the account"
