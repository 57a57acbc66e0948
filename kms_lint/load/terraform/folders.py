"""The folders of a run, and those beside them that are read as modules: each is read once."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, TypeAlias

from kms_lint.errors import SourceError
from kms_lint.load import TERRAFORM
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.sources import Folder, Installed, beneath, known, local
from kms_lint.load.terraform.unit import Unit
from kms_lint.load.terraform.variables import variable_files

if TYPE_CHECKING:
    from kms_lint.files import File


Beside: TypeAlias = "Callable[[str, str, Sequence[File]], list[File]]"
"""The files of a folder, given by where it is and how it is shown, that are not among those given."""


class _Files:
    """The files of one folder, and what their calls of modules lead to."""

    def __init__(self, location: str, files: Sequence[File], given: Container[str]) -> None:
        from kms_lint.files import content

        self.location = location
        self.files = files
        units = [Unit(file, content(file)) for file in files if file.path.endswith(TERRAFORM)]
        self.units = sorted(units, key=lambda unit: unit.file.path)
        self.configuration: Configuration | None = None
        self.relevant = any(unit.relevant for unit in units)
        self._given = given
        self._targets: dict[str, list[str]] = {}
        self._installed: Installed | None = None

    @property
    def installed(self) -> Installed:
        """What `terraform init` has put here, if this is a root module."""
        if self._installed is None:
            self._installed = Installed(self.units[0].file)
        return self._installed

    def targets(self, unit: Unit) -> list[str]:
        """Where the calls of a file may lead to, as far as it can be told without parsing it."""
        found = self._targets.get(unit.file.path)
        if found is None:
            sources = dict.fromkeys(unit.calls())
            found = self._targets[unit.file.path] = [each for source in sources for each in self._target(unit, source)]
        return found

    def _target(self, unit: Unit, source: str) -> list[str]:
        if not local(source):
            return self.installed.locations()
        try:
            return [beneath(unit.file, source, self._given).location]
        except SourceError:
            return [""]


class Folders:
    """All folders by where they really are."""

    def __init__(self, given: dict[str, list[File]], beside: Beside, options: Options) -> None:
        """`given` are the files of the run."""
        self._given = given
        self._beside = beside
        self._options = options
        self._found: dict[str, _Files] = {}
        self._concerned: dict[str, bool] = {}
        self._known: dict[str, Configuration] = {}

    def beneath(self, near: File, source: str) -> Folder:
        """The folder that a local source leads to from a file. Raises SourceError when it is not to be read."""
        return beneath(near, source, self._given)

    def configuration(self, folder: Folder) -> Configuration | None:
        """The module in a folder; `None` when there is none."""
        files = self._files(folder)
        if not files.units:
            return None
        if files.configuration is None:
            self.concerns(folder)
            sources = variable_files(files.files, self._options)
            files.configuration = Configuration(files.units, sources, self._options)
        return files.configuration

    def units(self, folder: Folder) -> list[Unit]:
        """The files of a folder that make up a module."""
        return self._files(folder).units

    def known(self, source: str) -> Configuration | None:
        """The module that stands for one that we know by heart."""
        author = known(source)
        if author is not None and author not in self._known:
            from kms_lint.load.terraform.known_modules import unit

            self._known[author] = Configuration([unit(author)], (), self._options)
        return None if author is None else self._known[author]

    def installed(self, root: Configuration) -> Installed:
        """What `terraform init` has put into a root module."""
        location = os.path.dirname(root.units[0].file.location)
        return self._found[location].installed if location in self._found else Installed(root.units[0].file)

    def calls(self, folder: Folder) -> set[str]:
        """Where the calls of a folder may lead to."""
        files = self._files(folder)
        return {target for unit in files.units for target in files.targets(unit)}

    def concerns(self, folder: Folder) -> bool:
        """Whether a folder, or a module that it calls at any depth, may have something for us.

        The files that call such a module are parsed, too.
        """
        waiting, order = [folder.location], []
        calls: dict[str, list[tuple[Unit, list[str]]]] = {}
        while waiting:
            location = waiting.pop()
            if location in calls or location in self._concerned:
                continue
            files = self._files(Folder(location, self._shown(location, folder)))
            calls[location] = [(unit, files.targets(unit)) for unit in files.units]
            order.append(location)
            waiting.extend(target for _, targets in calls[location] for target in targets if target)
        self._settle(calls)
        return self._concerned[folder.location]

    def _settle(self, calls: dict[str, list[tuple[Unit, list[str]]]]) -> None:
        """Whether each of these folders concerns us, from what it holds and calls."""
        callers: dict[str, list[str]] = {}
        waiting = []
        for location, units in calls.items():
            targets = [target for _, found in units for target in found]
            for target in targets:
                callers.setdefault(target, []).append(location)
            led_out = "" in targets or any(self._concerned.get(target) for target in targets)
            if self._found[location].relevant or led_out:
                waiting.append(location)
        concerned = set()
        while waiting:
            location = waiting.pop()
            if location not in concerned:
                concerned.add(location)
                waiting.extend(callers.get(location, ()))
        self._concerned.update((location, location in concerned) for location in calls)
        for units in calls.values():
            for unit, targets in units:
                unit.needed |= any(target == "" or self._concerned[target] for target in targets)

    def drop(self, location: str) -> None:
        """Lets go of what was read of a folder."""
        self._found.pop(location, None)

    def _shown(self, location: str, near: Folder) -> str:
        if location == near.location:
            return near.shown
        shown = os.path.normpath(os.path.join(near.shown, os.path.relpath(location, near.location)))
        return "" if shown == "." else shown.replace(os.sep, "/")

    def _files(self, folder: Folder) -> _Files:
        found = self._found.get(folder.location)
        if found is None:
            given = self._given.get(folder.location, [])
            files = [*given, *self._beside(folder.location, folder.shown, given)]
            found = self._found[folder.location] = _Files(folder.location, files, self._given)
        return found
