"""Whether a grant is for a service of AWS or for somebody in an account.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grantee-service-principal
"""

from __future__ import annotations

from typing import Final

from kms_lint.syntax.tree import Text

_DOMAINS: Final = (
    *(".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"),
    *(".c2s.ic.gov", ".sc2s.sgov.gov", ".cloud.adc-e.uk", ".csp.hci.ic.gov"),
)
"""The ends of the host names of the partitions."""


def names_service(grantee: Text | None) -> bool:
    """Whether a grantee is written as a service principal, as in grants that services make for themselves."""
    return grantee is not None and ":" not in grantee.form and grantee.form.endswith(_DOMAINS)
