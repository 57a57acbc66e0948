"""The identities of unknown values of Terraform: an expression, where it stands, and all that it is defined by.

Modules that call one another, at any depth, are looked at as one: a name is all that has this name in one of them. That
takes some values for changed that are not, and none for the same that have changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kms_lint.load.definitions import digest
from kms_lint.load.definitions.module_names import Definition, Folder, written
from kms_lint.load.definitions.references import EACH, references
from kms_lint.load.options import Options
from kms_lint.model import Document, Policy
from kms_lint.source import Source, Span
from kms_lint.syntax.expression import Block

if TYPE_CHECKING:
    from kms_lint.files import File

_DOTTED: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
_SUFFIXES: Final = (".tf", ".tofu")
_LENGTHS: Final = {"data": 3}
_MODULE: Final = re.compile(r"module\.([\w-]+)")
_MOST_FOLDERS: Final = 500


class Modules:
    """All folders of Terraform of one side, each read when something in it is asked for."""

    def __init__(self, place: str, here: str, files: Sequence[File], options: Options) -> None:
        """`here` is the working directory, `place` is the file or folder that the side is: other places are seen from there."""
        self._given = {
            os.path.dirname(os.path.realpath(each.location)) for each in files if each.path.endswith(_SUFFIXES)
        }
        self._here = here
        real = os.path.realpath(place)
        self._place = real if os.path.isdir(real) else os.path.dirname(real)
        self._outside = digest(f"{name}={value}" for name, value in sorted(options.variables.items()))
        self._outside += "".join(map(_content, options.variable_files))
        self._folders: dict[str, Folder] = {}
        self._joined: dict[str, _Together] = {}

    def identity(self, at: Span, address: str, once: bool) -> str:
        """What an expression that is written somewhere is; empty where that is not sure.

        `once` is whether the policy of this address holds only one value that is written there.
        """
        location = self._located(at.source.path)
        if location is None:
            return ""
        together = self._together(os.path.dirname(location))
        names = _names(at.source.text[at.start : at.end])
        if names is None or not together.whole:
            return ""
        counted = ""
        if once and "override_" not in together.texts:
            repeated = together.repeated(location, at)
            for name in [name for name in names if name.partition(".")[0] in repeated]:
                text, more = repeated[name.partition(".")[0]]
                if more is None:
                    return ""
                counted, names = f"{counted} {name} {text}", (names - {name}) | more
        if EACH in names:
            found = together.instance(location, at, address)
            if found is None:
                return ""
            counted, names = counted + found[0], names | found[1]
        if not together.one_instance(os.path.dirname(location), address):
            return ""
        closed = together.closed(names)
        if closed is None:
            return ""
        folder = os.path.relpath(os.path.dirname(location), self._place)
        return digest((folder, at.source.text[at.start : at.end], counted, self._outside, *closed))

    def branch(self, document: Document, policy: Policy) -> str:
        """The conditions that a policy depends on, with what they are defined by; empty where that is not sure."""
        if not policy.branch:
            return ""
        location = self._located(document.path)
        if location is None or "…" in policy.branch:
            return ""
        together = self._together(os.path.dirname(location))
        names = {".".join(each.split(".")[: _LENGTHS.get(each.split(".")[0], 2)]) for each in _dotted(policy.branch)}
        closed = together.closed(names) if together.whole else None
        return "" if closed is None else digest((policy.branch, self._outside, *closed))

    def _located(self, path: str) -> str | None:
        found = os.path.realpath(os.path.join(self._here, path))
        return found if os.path.isfile(found) else None

    def _folder(self, location: str) -> Folder:
        if location not in self._folders:
            self._folders[location] = Folder(location)
        return self._folders[location]

    def _together(self, location: str) -> _Together:
        if location not in self._joined:
            folders = {each: self._folder(each) for each in self._given | {location}}
            waiting = [target for folder in folders.values() for target in folder.calls.values()]
            while waiting and len(folders) <= _MOST_FOLDERS:
                target = waiting.pop()
                if target not in folders:
                    folders[target] = self._folder(target)
                    waiting += folders[target].calls.values()
            for group in _groups(folders, not waiting, self._place):
                self._joined |= {folder.location: group for folder in group.folders}
        return self._joined[location]


class _Together:
    """Folders that call one another."""

    def __init__(self, folders: Sequence[Folder], whole: bool, place: str) -> None:
        """`place` is where folders are seen from: two of one name are told apart by their ways."""
        self.folders = folders
        self.whole = whole and all(folder.whole for folder in folders)
        self._defined: dict[str, list[Definition]] = {}
        for folder in folders:
            for name, definitions in folder.defined.items():
                shown = os.path.relpath(folder.location, place)
                placed = [Definition(f"{shown}: {text}", names) for text, names in definitions]
                self._defined.setdefault(name, []).extend(placed)
        self._callers: dict[str, list[tuple[Folder, str]]] = {}
        for folder in folders:
            for name, target in folder.calls.items():
                self._callers.setdefault(target, []).append((folder, name))

    def closed(self, names: Iterable[str]) -> list[str] | None:
        """All texts that names are defined by, directly or not; `None` where one of them is not found."""
        waiting = [*names, *(name for name in self._defined if name.startswith("provider."))]
        seen: set[str] = set()
        texts: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen or name == EACH:
                continue
            seen.add(name)
            definitions = self._defined.get(name)
            if definitions is None:
                return None
            for text, more in definitions:
                if more is None:
                    return None
                texts.add(f"{name} {text}")
                waiting.extend(more)
            if name.startswith("module."):
                waiting.extend(self._outputs(name))
        return sorted(texts)

    def _outputs(self, call: str) -> list[str]:
        """All names of the folders that a call leads to: its outputs may be made of any of them."""
        targets = [folder.calls[call] for folder in self.folders if call in folder.calls]
        found = [name for folder in self.folders if folder.location in targets for name in folder.defined]
        return [name for name in found if not name.startswith("module.") or name != call]

    def instance(self, location: str, at: Span, address: str) -> tuple[str, frozenset[str]] | None:
        """How many instances a block has, as written, and the names in that; only for the block of an address itself."""
        block = self._around(location, at)
        if block is None or block.type not in ("resource", "module"):
            return None
        name = ("module." if block.type == "module" else "") + ".".join(block.labels)
        counted = [block.arguments()[each] for each in ("for_each", "count") if each in block.arguments()]
        found = [references(each.expression()) for each in counted]
        if f".{name}[" not in f".{address}" or None in found or not counted:
            return None
        return " ".join(map(written, counted)), frozenset[str]().union(*(each for each in found if each))

    @cached_property
    def texts(self) -> str:
        """All that defines something."""
        return "".join(each.text for definitions in self._defined.values() for each in definitions)

    def repeated(self, location: str, at: Span) -> dict[str, tuple[str, frozenset[str] | None]]:
        """The iterators of the dynamic blocks around a place, with what they go through and what that refers to."""
        found: dict[str, tuple[str, frozenset[str] | None]] = {}
        block = self._around(location, at)
        while block is not None:
            arguments = block.arguments()
            if block.type == "dynamic" and block.labels and "for_each" in arguments:
                name = written(arguments["iterator"]) if "iterator" in arguments else str(block.labels[0])
                each = arguments["for_each"]
                found[name] = written(each), references(each.expression())
            block = next((each for each in block.blocks() if each.at.start <= at.start < each.at.end), None)
        return found

    def _around(self, location: str, at: Span) -> Block | None:
        folder = next((each for each in self.folders if each.location == os.path.dirname(location)), None)
        blocks = folder.blocks.get(os.path.basename(location), ()) if folder else ()
        return next((each for each in blocks if each.at.start <= at.start < each.at.end), None)

    def one_instance(self, location: str, address: str) -> bool:
        """Whether an expression of a folder has one value in all of a policy: that of its instance of the module."""
        callers = self._callers.get(location, [])
        if not self._several(location, set()):
            return True
        called = _MODULE.findall(address)
        targets = {
            folder.calls.get(f"module.{called[-1]}") if called else None
            for folder in self.folders
            if called and f"module.{called[-1]}" in folder.defined
        }
        given = (each for folder, call in callers for each in folder.defined.get(call, ()))
        passed = any(each.names is None or any(name.startswith("module.") for name in each.names) for each in given)
        return targets == {location} and not passed

    def _several(self, location: str, seen: set[str]) -> bool:
        """Whether a module may be used more than once."""
        callers = self._callers.get(location, [])
        if location in seen or len(callers) > 1 or any(call in folder.several for folder, call in callers):
            return True
        return any(self._several(folder.location, seen | {location}) for folder, _ in callers)


def _groups(folders: dict[str, Folder], whole: bool, place: str) -> Iterable[_Together]:
    """Folders by which of them call one another."""
    beside: dict[str, set[str]] = {location: set() for location in folders}
    for location, folder in folders.items():
        for target in folder.calls.values():
            if target in beside:
                beside[location].add(target)
                beside[target].add(location)
    left = dict.fromkeys(sorted(folders))
    while left:
        waiting, group = [next(iter(left))], []
        while waiting:
            here = waiting.pop()
            if here in left:
                del left[here]
                group.append(folders[here])
                waiting += beside[here]
        yield _Together(sorted(group, key=lambda each: each.location), whole, place)


def _names(text: str) -> frozenset[str] | None:
    """What an expression refers to, as it is written; `None` where that is not sure."""
    from kms_lint.syntax import hcl

    parsed = hcl.parse(Source("", f"value = {text}\n"))
    if parsed.errors or set(parsed.arguments) != {"value"} or parsed.blocks:
        return None
    return references(parsed.arguments["value"].expression())


def _dotted(text: str) -> list[str]:
    return _DOTTED.findall(text)


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return digest((file.read(),))
    except OSError:
        return path
