"""What a user says about the surroundings of the files: accounts, values, kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from kms_lint.model import PolicyKind
from kms_lint.record import dataclass


@dataclass(frozen=True)
class Options:
    """How files are to be read.

    `account`, `region` and `partition` are those of the deployment. `kind` says what an ambiguous policy document is.
    `variables` and `variable_files` give values to Terraform variables, `parameters` to CloudFormation parameters.
    """

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    kind: PolicyKind | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
