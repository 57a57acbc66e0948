"""Which folders of a run are root modules: those that are not called, and those whose calls come to nothing.

https://developer.hashicorp.com/terraform/language/modules#the-root-module
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kms_lint.load import TERRAFORM
from kms_lint.load.options import Options
from kms_lint.load.terraform.contents import Shelf
from kms_lint.load.terraform.documents import judge
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.folders import Beside, Folders
from kms_lint.load.terraform.scope import Run, Scope
from kms_lint.load.terraform.sources import Folder
from kms_lint.model import Document

if TYPE_CHECKING:
    from kms_lint.files import File


def documents(given: dict[str, list[File]], beside: Beside, options: Options) -> Iterator[Document]:
    """The documents of the files of these folders, those of a folder after all that calls it has been looked at."""
    folders = Folders(given, beside, options)
    wanted = [_folder(location, files) for location, files in sorted(given.items()) if _any_terraform(files)]
    called = {target for folder in wanted for target in folders.calls(folder)}
    asked = {file.path for files in given.values() for file in files}
    shelf = Shelf(unit for folder in wanted for unit in folders.units(folder) if unit.file.path in asked)
    made: set[str] = set()
    for folder in wanted:
        if folder.location not in called:
            made |= _judge(folder, folders, shelf)
            yield from shelf.take(folders.units(folder))
            folders.drop(folder.location)
    yield from _called([folder for folder in wanted if folder.location in called], made, folders, shelf)


def _any_terraform(files: list[File]) -> bool:
    return any(file.path.endswith(TERRAFORM) for file in files)


def _called(left: list[Folder], made: set[str], folders: Folders, shelf: Shelf) -> Iterator[Document]:
    """Folders that are called: those of which no call has made an instance are root modules, too."""
    for folder in _callers_first(left, folders):
        if folder.location not in made:
            made |= _judge(folder, folders, shelf)
    for folder in left:
        yield from shelf.take(folders.units(folder))


def _callers_first(left: list[Folder], folders: Folders) -> list[Folder]:
    """Folders in an order in which each stands before those that it calls, unless they call one another in a circle."""
    waiting = {folder.location: folder for folder in left}
    order: list[Folder] = []
    for start in left:
        steps = [(start, False)]
        while steps:
            folder, done = steps.pop()
            if done:
                order.append(folder)
            elif waiting.pop(folder.location, None) is not None:
                steps.append((folder, True))
                steps.extend((waiting[each], False) for each in sorted(folders.calls(folder)) if each in waiting)
    return order[::-1]


def _folder(location: str, files: list[File]) -> Folder:
    return Folder(location, os.path.dirname(files[0].path))


def _judge(folder: Folder, folders: Folders, shelf: Shelf) -> set[str]:
    """Looks at a root module and all that it calls; gives the folders of the modules that are made by that."""
    if not folders.concerns(folder):
        return set()
    configuration = folders.configuration(folder)
    return set() if configuration is None else judge(Scope(configuration, KINDS, Run(configuration, folders)), shelf)
