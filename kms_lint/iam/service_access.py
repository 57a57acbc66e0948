"""How services of AWS come to use a customer managed key: as themselves, or for somebody who has called them.

A service that calls as itself has to be let in by the key policy; one that calls for somebody (a forward access session) uses what that somebody may do, and
`kms:ViaService` tells of it. What is not in these tables is not known to us. As of November 2026.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.iam.services import service_name

_AWS: Final = "https://docs.aws.amazon.com/"


class Needed(NamedTuple):
    """What a service that calls as itself has to be allowed, its principal, and the page that says so."""

    principal: str
    actions: frozenset[str]
    page: str
    by_region: bool = False


class OnBehalf(NamedTuple):
    """A service that uses keys for those who call it; `sure` where its documentation says so outright."""

    via: str
    page: str
    sure: bool = True


def _needed(principal: str, names: str, page: str, *, by_region: bool = False) -> Needed:
    return Needed(principal, frozenset(f"kms:{name}" for name in names.split()), _AWS + page, by_region)


_NEEDED: Final = {
    "logs": _needed(
        "logs",
        "Encrypt Decrypt GenerateDataKey",
        "AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        by_region=True,
    ),
    "cloudtrail": _needed(
        "cloudtrail", "GenerateDataKey", "awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"
    ),
    "events": _needed(
        "events", "Decrypt GenerateDataKey DescribeKey", "eventbridge/latest/userguide/eb-encryption-key-policy.html"
    ),
}
"""By the service of what uses the key, as ARNs spell it."""

_ON_BEHALF: Final = {
    "dynamodb": OnBehalf("dynamodb", _AWS + "amazondynamodb/latest/developerguide/encryption.usagenotes.html"),
    "secretsmanager": OnBehalf("secretsmanager", _AWS + "secretsmanager/latest/userguide/security-encryption.html"),
    "ssm": OnBehalf("ssm", _AWS + "systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html"),
    "ec2": OnBehalf("ec2", _AWS + "ebs/latest/userguide/how-ebs-encryption-works.html"),
    "ebs": OnBehalf("ec2", _AWS + "ebs/latest/userguide/how-ebs-encryption-works.html"),
    "elasticfilesystem": OnBehalf("elasticfilesystem", _AWS + "efs/latest/ug/EFSKMS.html"),
    "kinesis": OnBehalf("kinesis", _AWS + "streams/latest/dev/permissions-user-key-KMS.html"),
    "ecr": OnBehalf("ecr", _AWS + "AmazonECR/latest/userguide/encryption-at-rest.html"),
    "rds": OnBehalf("rds", _AWS + "AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html", sure=False),
    "redshift": OnBehalf("redshift", _AWS + "redshift/latest/mgmt/working-with-db-encryption.html", sure=False),
    "fsx": OnBehalf("fsx", _AWS + "fsx/latest/WindowsGuide/encryption-at-rest.html", sure=False),
    "glue": OnBehalf("glue", _AWS + "glue/latest/dg/encryption-at-rest.html", sure=False),
    "athena": OnBehalf("athena", _AWS + "athena/latest/ug/encrypting-query-results-stored-in-s3.html", sure=False),
}
"""By the name of the service principal without Region and domain."""


def needed(service: str) -> Needed | None:
    """What a service, as ARNs spell it, has to be let in to do as itself; `None` where we know of nothing."""
    return _NEEDED.get(service)


def on_behalf(principal: str) -> OnBehalf | None:
    """How the service behind a service principal uses keys, if not as itself; `None` where it does, or we do not know."""
    return _ON_BEHALF.get(service_name(principal))


def is_principal_of(needed: Needed, principal: str) -> bool:
    """Whether a service principal is the one that is needed, of whichever Region."""
    return service_name(principal) == needed.principal


__all__ = ["Needed", "OnBehalf", "is_principal_of", "needed", "on_behalf"]
