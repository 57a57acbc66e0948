"""The public interface for Python: `load` and `lint`, without options that print."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from kms_lint.finding import Report
from kms_lint.model import Accounts, PolicyKind, Settings, World


@dataclass(frozen=True)
class Surroundings:
    """What is said about the surroundings of the files that are read."""

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    kind: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: Collection[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    parameter_files: Collection[str] = ()
    own_accounts: Collection[str] = ()
    trusted_accounts: Collection[str] = ()
    third_party_accounts: Collection[str] = ()
    organizations: Collection[str] = ()
    exclude: Collection[str] = ()


def load(*paths: str | os.PathLike[str], **surroundings: object) -> World:
    """What the files and folders hold, as it is understood, before any rule looks at it.

    The named arguments are the fields of `Surroundings`. Configuration files are not read. Raises
    `kms_lint.errors.KmsLintError` for a path that cannot be read and `TypeError` for an argument that does not exist.
    """
    from kms_lint.discovery import discover
    from kms_lint.load import load as load_files
    from kms_lint.load.options import Options
    from kms_lint.load.parameter_file import parameters

    said = Surroundings(**surroundings)  # type: ignore[arg-type]
    files, _ = discover([os.fspath(path) for path in paths] or ["."], tuple(said.exclude))
    options = Options(
        account=said.account,
        region=said.region,
        partition=said.partition,
        kind=PolicyKind(said.kind) if said.kind else None,
        variables=said.variables,
        variable_files=tuple(said.variable_files),
        parameters={**parameters(said.parameter_files), **said.parameters},
    )
    own = {*said.own_accounts, *([said.account] if said.account else [])}
    accounts = Accounts(
        frozenset(own),
        frozenset(said.trusted_accounts),
        frozenset(said.organizations),
        frozenset(said.third_party_accounts),
    )
    return World(load_files(files, options), accounts, Settings())


def lint(
    *paths: str | os.PathLike[str],
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    persona: str = "default",
    include_possible: bool = False,
    **surroundings: object,
) -> Report:
    """Judges files and folders by the built-in rules; arguments as for `load`, and the selection of rules.

    Rules are named by their ids. Raises `kms_lint.errors.ConfigError` for a rule that does not exist.
    """
    from kms_lint.discovery import searched
    from kms_lint.engine import lint as lint_world
    from kms_lint.library import built_in

    wanted = built_in(_wanted(set(select), set(ignore), persona))
    around = searched([os.fspath(path) for path in paths] or ["."])
    return lint_world(load(*paths, **surroundings), wanted, include_possible=include_possible, around=around)


def _wanted(select: set[str], ignore: set[str], persona: str) -> set[str]:
    """The names of the rules that are wanted."""
    from kms_lint.errors import ConfigError
    from kms_lint.library import described
    from kms_lint.spelling import did_you_mean

    known = {about.id: about.persona for about in described()}
    if unknown := sorted((select | ignore) - known.keys()):
        raise ConfigError(f"there is no rule `{unknown[0]}`{did_you_mean(unknown[0], known)}")
    chosen = select or {id for id, of in known.items() if persona == "strict" or of == "default"}
    return chosen - ignore
