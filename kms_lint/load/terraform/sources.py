"""Where the text of a module is: in a folder of the repository, or in one of the modules that we know by heart.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import os
from collections.abc import Container
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError, SourceError
from kms_lint.source import Passage
from kms_lint.syntax.tree import Items, Mapping, Text

if TYPE_CHECKING:
    from kms_lint.files import File

_LOCAL: Final = ("./", "../", ".\\", "..\\")
_INDEX: Final = os.path.join(".terraform", "modules", "modules.json")
_REGISTRIES: Final = ("registry.terraform.io/", "registry.opentofu.org/")
_KNOWN: Final = {
    "terraform-aws-modules/kms/aws": "terraform-aws-modules",
    "terraform-aws-modules/terraform-aws-kms": "terraform-aws-modules",
    "cloudposse/kms-key/aws": "cloudposse",
    "cloudposse/terraform-aws-kms-key": "cloudposse",
}
"""By the name that a registry or GitHub has a module under, the author of the module whose table stands for it."""


class Folder(NamedTuple):
    """A folder with a module: where it really is, how it is shown, and whether `terraform init` put it there."""

    location: str
    shown: str
    installed: bool = False


def local(source: str) -> bool:
    """Whether a source is a path from the folder of the call."""
    return source in (".", "..") or source.startswith(_LOCAL)


def known(source: str) -> str | None:
    """The author of a module that we know by heart, whichever way its source is written."""
    name = source.partition("?")[0].removeprefix("git::")
    for beginning in ("https://", "ssh://", "http://"):
        name = name.removeprefix(beginning)
    name = name.removeprefix("git@").removeprefix("www.")
    if name.startswith("github.com"):
        name = name[len("github.com") + 1 :].removesuffix(".git")
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    return _KNOWN.get(name.removesuffix("//").lower())


def beneath(near: File, source: str, given: Container[str] = ()) -> Folder:
    """The folder that a local source leads to from a file: one of those of the run, `given`, or of the same repository.

    Raises SourceError, which says why, when it is not to be read.
    """
    return _inside(near, os.path.join(os.path.dirname(near.location), source), source, given)


def _inside(near: File, location: str, name: str, given: Container[str] = ()) -> Folder:
    from kms_lint.files import repository

    root = os.path.realpath(repository(near.location))
    try:
        real = os.path.realpath(location)
        inside = real in given or os.path.commonpath((root, real)) == root
    except ValueError as error:  # another drive, or a NUL
        raise SourceError(f"`{name}` cannot be read: it is no path") from error
    if not inside:
        raise SourceError(f"`{name}` is not read: it leads out of the repository")
    shown = os.path.relpath(location, os.path.dirname(near.location))
    shown = os.path.normpath(os.path.join(os.path.dirname(near.path), shown)).replace(os.sep, "/")
    return Folder(real, "" if shown == "." else shown)


class Installed:
    """The modules that `terraform init` has brought to a root module, by the names they are called by there."""

    def __init__(self, near: File) -> None:
        """`near` is a file of the root module."""
        self._near = near
        self._folders = _read(near)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._folders)

    def folder(self, name: str) -> Folder | None:
        """The folder of a module; `None` when it was not installed. Raises SourceError for one that is not to be read."""
        written = self._folders.get(name)
        if written is None:
            return None
        location = os.path.join(os.path.dirname(self._near.location), written)
        return _inside(self._near, location, written)._replace(installed=True)

    def locations(self) -> list[str]:
        """The folders of all of them that are to be read."""
        found = []
        for name in self._folders:
            try:
                folder = self.folder(name)
            except SourceError:
                continue
            if folder is not None:
                found.append(folder.location)
        return found


def _read(near: File) -> dict[str, str]:
    """What `modules.json` says, by the names of the modules in the root module, `a.b` for `b` in `a`."""
    from kms_lint.files import beside, content, decode
    from kms_lint.syntax import json

    if near.content is not None or not os.path.isfile(os.path.join(os.path.dirname(near.location), _INDEX)):
        return {}
    try:
        source = decode(near.path, content(beside(near, _INDEX)))
        index = json.parse(Passage(source, source.text))
    except (SourceError, MalformedError):
        return {}  # then the modules count as not installed, and what they give back stays unknown
    modules = index.get("Modules") if isinstance(index, Mapping) else None
    found: dict[str, str] = {}
    for each in modules.values if isinstance(modules, Items) else ():
        if isinstance(each, Mapping):
            key, folder = each.get("Key"), each.get("Dir")
            if isinstance(key, Text) and isinstance(folder, Text) and key:
                found[str(key)] = str(folder)
    return found
