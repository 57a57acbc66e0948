"""The configuration of a run: files found upward from what is linted, the nearest first, merged over those above.

Names and values (`accounts`, `deployment`, `settings`, `severity`) are merged name by name, and so are single values; the nearest
file wins. Lists of `ignore`, `overrides`, `rules` and `exclude` add up; the lists of accounts and organizations are
replaced as a whole. The search ends at the root of the repository or at a file with `root: true`.

`ignore`, `severity`, `exclude` and `overrides` hold for the files beneath their own. What concerns the run as a whole
(`accounts`, `organizations`, `deployment`, `settings`, `rules`, `persona`, `fail_on`) is taken from the folder that all named paths
have in common.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from kms_lint.config.layer import Layer, layer
from kms_lint.config.read import find
from kms_lint.finding import Severity
from kms_lint.ignores import Ignore
from kms_lint.model import Accounts, Settings
from kms_lint.naming import Names
from kms_lint.record import dataclass
from kms_lint.syntax.tree import Text


@dataclass(frozen=True, eq=False)
class Configuration:
    """The configuration files that hold for a folder, the nearest first."""

    layers: tuple[Layer, ...] = ()

    @cached_property
    def accounts(self) -> Accounts:
        """Whom the user knows and trusts."""
        none: frozenset[str] = frozenset()
        return Accounts(
            next((each.own for each in self.layers if each.own is not None), none),
            next((each.trusted for each in self.layers if each.trusted is not None), none),
            next((each.organizations for each in self.layers if each.organizations is not None), none),
            next((each.third_party for each in self.layers if each.third_party is not None), none),
        )

    @cached_property
    def deployment(self) -> dict[str, str]:
        """The `account`, `region` and `partition` that are deployed to, as far as they are given."""
        merged: dict[str, str] = {}
        for each in reversed(self.layers):
            merged |= each.deployment
        return merged

    @cached_property
    def settings(self) -> Settings:
        """The numbers that rules compare with."""
        merged: dict[str, int] = {}
        for each in reversed(self.layers):
            merged |= each.settings
        return Settings(**merged)

    @cached_property
    def rules(self) -> tuple[Text, ...]:
        """The folders of own rules."""
        return tuple(dict.fromkeys(folder for each in self.layers for folder in each.rules))

    @cached_property
    def ignores(self) -> tuple[Ignore, ...]:
        """The ignores of all files."""
        return tuple(ignore for each in self.layers for ignore in each.ignores)

    @property
    def persona(self) -> str:
        """Which built-in rules run."""
        return next((each.persona for each in self.layers if each.persona is not None), "default")

    @property
    def fail_on(self) -> Severity | None:
        """From which severity on the exit status is 1."""
        return next((each.fail_on for each in self.layers if each.fail_on is not None), None)

    @property
    def require_reason(self) -> bool:
        """Whether each ignore has to give a reason."""
        return next((each.require_reason for each in self.layers if each.require_reason is not None), False)

    def excludes(self, path: str) -> bool:
        """Whether a path is left out when folders are searched."""
        return any(each.exclude is not None and each.exclude(path) for each in self.layers)

    def severities(self, path: str, names: Names) -> Mapping[str, Severity]:
        """The severities that differ for a path."""
        merged: dict[str, Severity] = {}
        for each in reversed(self.layers):
            for levels in each.severity:
                if levels.concerns is None or levels.concerns(path):
                    merged |= {rule: level for name, level in levels.by_rule for rule in names.meant(name)}
        return merged


def _nothing(path: str) -> bool:
    """No part of a repository is known to be looked at as a whole."""
    return False


class Configurations:
    """Finds the configuration of each path of a run, reading each file once."""

    def __init__(
        self,
        named: Sequence[str],
        file: str | None = None,
        *,
        off: bool = False,
        whole: Callable[[str], bool] = _nothing,
    ) -> None:
        """`named` are the paths to lint; `file` is the one file to use instead of those that would be found.

        `whole` tells of a path whether all that is beneath it is part of the run.
        """
        self._whole = whole
        self._names: Names | None = None
        self._roots = sorted({_folder(path) for path in named or ["."]}, key=len)
        self._folders: dict[str, Configuration] = {}
        self._files: dict[str, Layer] = {}
        self._fixed: Configuration | None = Configuration() if off else None
        if file is not None and not off:
            self._fixed = Configuration((self._layer(file),))

    def know(self, names: Names) -> None:
        """Takes the names of the rules. Raises `ConfigError` when a file names a rule that does not exist."""
        self._names = names
        for each in self._files.values():
            each.check_names(names)

    @cached_property
    def base(self) -> Configuration:
        """The configuration of the run as a whole."""
        return self._fixed or self._of_folder(os.path.commonpath(self._roots))

    def of(self, path: str) -> Configuration:
        """The configuration of a file."""
        return self._fixed if self._fixed is not None else self._of_folder(os.path.dirname(os.path.abspath(path)))

    def severities(self, path: str) -> Mapping[str, Severity]:
        """The severities that differ for a path."""
        return self.of(path).severities(path, self._names) if self._names is not None else {}

    def unheard(self, paths: Iterable[str]) -> list[str]:
        """The configuration files of these paths that say something about the run as a whole and are not asked."""
        asked = {each.path for each in self.base.layers}
        layers = {each.path: each for path in paths for each in self.of(path).layers if each.path not in asked}
        return sorted(
            path
            for path, each in layers.items()
            if each.rules
            or each.settings
            or each.deployment
            or each.persona
            or each.fail_on is not None
            or _trusts(each)
        )

    def _of_folder(self, folder: str) -> Configuration:
        if folder not in self._folders:
            self._folders[folder] = Configuration(tuple(self._layers(folder)))
        return self._folders[folder]

    def _layers(self, folder: str) -> list[Layer]:
        found = []
        for each in self._upward(folder):
            path = find(each)
            if path is not None:
                found.append(self._layer(path))
                if found[-1].root:
                    break
        return found

    def _layer(self, path: str) -> Layer:
        whole = os.path.abspath(path)
        if whole not in self._files:
            shown = os.path.relpath(whole).replace(os.sep, "/")
            found = layer(whole, shown, self._whole)
            if self._names is not None:
                found.check_names(self._names)
            self._files[whole] = found
        return self._files[whole]

    def _upward(self, folder: str) -> list[str]:
        """The folders from one up to the root of its repository; without one, up to where the run began."""
        upward = [folder]
        while not os.path.exists(os.path.join(upward[-1], ".git")):
            parent = os.path.dirname(upward[-1])
            if parent == upward[-1]:
                return [each for each in upward if self._within(each)]
            upward.append(parent)
        return upward

    def _within(self, folder: str) -> bool:
        return any(beneath(folder, root) for root in (*self._roots, os.getcwd()))


def beneath(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it; both are absolute."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _folder(path: str) -> str:
    whole = os.path.abspath(path)
    return whole if os.path.isdir(whole) else os.path.dirname(whole)


def _trusts(each: Layer) -> bool:
    return any(said is not None for said in (each.own, each.trusted, each.third_party, each.organizations))
