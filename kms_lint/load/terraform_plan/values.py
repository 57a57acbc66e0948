"""The values of the resources of a plan or state, with what is not known yet in its place.

https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from kms_lint.load.options import Options
from kms_lint.load.terraform.attributes import DNS_SUFFIXES, OPAQUE, form_of
from kms_lint.load.terraform_plan.address import Reference, longest, of_instance, outer, reference
from kms_lint.load.terraform_plan.configuration import Configuration, inside, references
from kms_lint.load.terraform_plan.outline import Entry, Outline
from kms_lint.load.terraform_plan.veil import veiled
from kms_lint.source import At, Passage, Source, Span
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

_DEEPEST: Final = 30
_PART: Final = re.compile(r"\{([\w?]+)\}|<>")
_SEPARATORS: Final = re.compile(r"[:/*?$\s]+")
_DOCUMENT: Final = "data.aws_iam_policy_document"
_CYCLE: Final = "what it refers to leads back to it, or through too many modules"
_LARGE: Final = "it is too large to be worked out"
_STATEMENTS: Final = 20_000
_LENGTH_OF_A_STATEMENT: Final = 200
_LOCAL: Final = "a plan does not tell what a local value is made of"
_MANY: Final = "a plan does not tell how it is made of these"


class Place(NamedTuple):
    """Where a resource is deployed; `<account>` and the like are those of the deployment as a whole."""

    partition: str
    region: str
    account: str


class Values:
    """The values of all resources, worked out when they are asked for."""

    def __init__(self, outline: Outline, shown: Source, configuration: Configuration, options: Options) -> None:
        """`shown` is the text as it may be shown."""
        self.outline = outline
        self.configuration = configuration
        self._shown = shown
        self._options = options
        self._read: dict[str, Node] = {}
        self._nodes: dict[str, Mapping] = {}
        self._documents: dict[str, Node] = {}
        self._places: dict[str, Place] = {}
        self._bases: dict[str, list[Entry]] | None = None
        self._open: set[str] = set()
        self._statements = _STATEMENTS + len(outline.source.text) // _LENGTH_OF_A_STATEMENT
        self._told: dict[str, dict[str, str]] | None = None

    def header(self, entry: Entry) -> Span:
        """The place of what names a resource."""
        return Span(self._shown, *entry.header)

    def of(self, entry: Entry) -> Mapping:
        """The values of a resource by the names of its arguments and attributes; what is null is left out."""
        node = self._nodes.get(entry.address)
        if node is None:
            parsed = self._parsed(entry)
            unknown = None if entry.change is None else entry.change.unknown
            written = self.configuration.resource(entry.module, entry.plain).get("expressions")
            merged = self._merged(entry, parsed, unknown, written, parsed.at, "", entry.sensitive)
            node = merged if isinstance(merged, Mapping) else Mapping((), self.header(entry))
            self._nodes[entry.address] = node
        return node

    def _parsed(self, entry: Entry) -> Node:
        """The values as they stand in the file."""
        node = self._read.get(entry.address)
        if node is None:
            from kms_lint.syntax import json

            start, end = entry.values
            node = json.parse(Passage(self._shown, self.outline.source.text[start:end], (0,), (start,)))
            if entry.flat and isinstance(node, Mapping):
                from kms_lint.load.terraform_plan.flat import unflattened

                node = unflattened(node)
            self._read[entry.address] = node
        return node

    def known(self, entry: Entry, name: str) -> Text | Scalar | None:
        """An attribute that is known and not null: for what refers to it, whatever else of the resource is not known."""
        unknown = None if entry.change is None else entry.change.unknown
        node = self._parsed(entry)
        value = node.get(name) if isinstance(node, Mapping) else None
        if (isinstance(unknown, dict) and unknown.get(name)) or not isinstance(value, Text | Scalar) or _null(value):
            return None
        hidden = isinstance(entry.sensitive, dict) and entry.sensitive.get(name) is True
        covered = veiled(value) if hidden else value
        return covered if isinstance(covered, Text | Scalar) else None

    def _merged(
        self, entry: Entry, node: Node | None, unknown: object, written: object, at: At, path: str, sensitive: object
    ) -> Node | None:
        """A value with what is not known of it, from `after_unknown`, which has the same shape."""
        if unknown is True:
            return self._unknown(entry, written, at, path)
        if sensitive is True and node is not None:
            return veiled(node)
        marks = sensitive if isinstance(sensitive, dict | list) else ()
        if isinstance(unknown, list) and isinstance(node, Items):
            return self._list(entry, node, unknown, written, path, marks)
        if isinstance(node, Mapping) and (isinstance(unknown, dict) or marks or not path):
            return Mapping(lambda: self._object(entry, node, unknown, written, path, marks), node.at)
        if node is None and isinstance(unknown, dict) and unknown:
            return Mapping(lambda: self._object(entry, None, unknown, written, path, ()), at)
        if isinstance(node, Items) and isinstance(marks, list):
            return self._list(entry, node, [], written, path, marks)
        return node

    def _object(
        self, entry: Entry, node: Mapping | None, unknown: object, written: object, path: str, marks: object
    ) -> list[tuple[Text, Node]]:
        missing = dict(unknown) if isinstance(unknown, dict) else {}
        sensitive = marks if isinstance(marks, dict) else {}
        found: list[tuple[Text, Node]] = []
        for name, value in node.entries if node is not None else ():
            below = f"{path}.{name}" if path else str(name)
            given = None if _null(value) else value
            mark = missing.pop(name, None)
            if given is None and mark in (None, False):
                continue
            made = self._merged(entry, given, mark, inside(written, name), value.at, below, sensitive.get(name))
            if made is not None:
                found.append((name, made))
        at = self.header(entry) if node is None else node.at
        for name, mark in missing.items():
            if path or (isinstance(written, dict) and name in written):
                below = f"{path}.{name}" if path else name
                made = self._merged(entry, None, mark, inside(written, name), self.header(entry), below, None)
                if made is not None:
                    found.append((Text(name, at), made))
        return found

    def _list(
        self, entry: Entry, node: Items, unknown: list[object], written: object, path: str, marks: object
    ) -> Node:
        count = max(len(node.values), len(unknown))
        if unknown and len(unknown) != len(node.values):
            return self._unknown(entry, written, node.at, path)
        sensitive = marks if isinstance(marks, list) and len(marks) == count else [None] * count
        made = [
            self._merged(
                entry,
                None if _null(value) else value,
                unknown[index] if unknown else None,
                inside(written, index, count),
                value.at,
                f"{path}[{index}]",
                sensitive[index],
            )
            for index, value in enumerate(node.values)
        ]
        return Items([value for value in made if value is not None], node.at)

    def _unknown(self, entry: Entry, written: object, at: At, path: str) -> Node:
        """What stands for a value that is not known: what it refers to, if that is one thing."""
        return self._one(references(written), entry.module, entry.index, at, 0) or Unknown(
            f"{entry.address}.{path}", at
        )

    def _one(self, listed: list[object], module: str, index: str, at: At, depth: int) -> Node | None:
        """What a list of references stands for; `None` for none. `index` is the key of the instance that refers."""
        found = longest(listed)
        named = [each for each in found if not of_instance(each)]
        if not named:
            return None
        if len(named) > 1:
            return Unknown(", ".join(named), at, _MANY)
        return self._referred(reference(named[0]), module, index if len(found) > 1 else "", at, depth)

    def _referred(self, to: Reference, module: str, index: str, at: At, depth: int) -> Node:
        if depth > _DEEPEST:
            return Unknown(to.text, at, _CYCLE)
        kind = to.base.partition(".")[0]
        if kind == "local":
            return Unknown(to.text, at, _LOCAL)
        through: Node | None = None
        if kind == "module" and len(to.rest) == 1:
            inner = f"{module}{to.base}{to.key}."
            through = self._one(
                references(self.configuration.output(inner, to.rest[0])), inner, to.key or index, at, depth + 1
            )
        elif kind == "var" and module and not to.rest and not to.key:
            caller, call, key = outer(module)
            handed = self.configuration.handed(caller, call, to.base.partition(".")[2])
            through = self._one(references(handed), caller, key, at, depth + 1)
        elif kind not in ("module", "var") and len(to.rest) == 1:
            target = self.instance(module, to.base, to.key, index)
            through = None if target is None else self._attribute(target, to.rest[0], to.text, at)
        return through or Unknown(to.text, at)

    def instance(self, module: str, plain: str, index: str, own: str) -> Entry | None:
        """The one instance that is referred to from a module: that with the key that is written, or that of who refers."""
        if self._bases is None:
            self._bases = {}
            for entry in (*self.outline.entries.values(), *self.outline.prior.values()):
                here = self._bases.setdefault(entry.module + entry.plain, [])
                if all(each.address != entry.address for each in here[:1]):
                    here.append(entry)
        found = self._bases.get(module + plain, [])
        wanted = [entry for entry in found if entry.index == (index or own)]
        if wanted:
            return wanted[0]
        return found[0] if len(found) == 1 and not index else None

    def _attribute(self, entry: Entry, name: str, text: str, at: At) -> Node:
        plain = "data." * (entry.mode == "data") + entry.type
        value = self.known(entry, name)
        if value is not None:
            return value
        if plain == _DOCUMENT and name in ("json", "minified_json"):
            return self._document(entry, text, at)
        form = self.form(entry, name)
        return Unknown(text, at) if form == ANYTHING else Text(f"<{text}>", at, form)

    def _document(self, entry: Entry, text: str, at: At) -> Node:
        from kms_lint.load.terraform_plan.blocks import document

        if entry.address in self._documents:
            return self._afforded(self._documents[entry.address], text, at)
        if entry.address in self._open or len(self._open) > _DEEPEST:
            return Unknown(text, at, _CYCLE)
        self._open.add(entry.address)
        try:
            made = document(self.of(entry), entry.name, self.header(entry))
        finally:
            self._open.discard(entry.address)
        self._documents[entry.address] = made = self._afforded(made, text, at)
        return made

    def _afforded(self, made: Node, text: str, at: At) -> Node:
        """A document, as long as all that are used have no more statements than can be read."""
        statements = made.get("Statement") if isinstance(made, Mapping) else None
        if not isinstance(statements, Items):
            return made
        self._statements -= len(statements)
        return made if self._statements >= 0 else Unknown(text, at, _LARGE)

    def form(self, entry: Entry, name: str, depth: int = 0) -> str:
        """What an attribute is known to look like; anything when nothing is known about it."""
        value = self.known(entry, name)
        if value is not None:
            return value.form if isinstance(value, Text) else value.text
        pattern = form_of("data." * (entry.mode == "data") + entry.type, name)
        if pattern is None or depth > 5:
            return ANYTHING if depth == 0 else self._opaque(entry, name)
        return _PART.sub(lambda match: self._part(entry, match[1] or name, match[0] == OPAQUE, depth), pattern)

    def _part(self, entry: Entry, name: str, opaque: bool, depth: int) -> str:
        place = self.place(entry)
        if opaque:
            return self._opaque(entry, name)
        if name == "?":
            return ANYTHING
        if name in Place._fields:
            return str(getattr(place, name))
        if name == "dns_suffix":
            return DNS_SUFFIXES.get(place.partition, "amazonaws.com")
        return self.form(entry, name, depth + 1)

    def _opaque(self, entry: Entry, name: str) -> str:
        return f"<{symbol(entry.address)}.{name}>"

    def place(self, entry: Entry) -> Place:
        """Where a resource is deployed: what its own ARN says, what its provider was asked, what the user says."""
        found = self._places.get(entry.address)
        if found is None:
            found = self._places[entry.address] = self._deployed(entry)
        return found

    def _deployed(self, entry: Entry) -> Place:
        provider = self.configuration.provider(entry.module, entry.plain)
        told = self._surroundings().get(provider, {})
        arn = self.known(entry, "arn")
        parts = arn.form.split(":") if isinstance(arn, Text) and arn.form.startswith("arn:") else []
        region = parts[3] if len(parts) > 5 else told.get("region") or self.configuration.region(provider)
        default = "." not in provider and ":" not in provider
        account = parts[4] if len(parts) > 5 else told.get("account")
        if not account:
            same = self.configuration.same_account(provider)
            account = (self._options.account or "<account>") if same else ANYTHING
        nowhere = (self._options.region or "<region>") if default else f"<{symbol(provider)}.region>"
        partition = parts[1] if len(parts) > 5 else told.get("partition") or self._options.partition
        return Place(partition or "<partition>", region or nowhere, account)

    def owner(self, entry: Entry) -> str | None:
        """The account that a resource is made in; `None` when nothing tells."""
        account = self.place(entry).account
        return None if ANYTHING in account else account

    def _surroundings(self) -> dict[str, dict[str, str]]:
        """By provider, what the data sources about the deployment itself said."""
        if self._told is None:
            self._told = {}
            for entry in (*self.outline.prior.values(), *self.outline.entries.values()):
                names = _SURROUNDINGS.get(entry.type) if entry.mode == "data" else None
                asked = self.configuration.resource(entry.module, entry.plain).get("expressions")
                if names is None or asked:  # `data.aws_region` may ask for another region by its name
                    continue
                provider = self.configuration.provider(entry.module, entry.plain)
                for name in names[1]:
                    value = self.known(entry, name)
                    if isinstance(value, Text):
                        self._told.setdefault(provider, {}).setdefault(names[0], value.form)
        return self._told


_SURROUNDINGS: Final = {
    "aws_caller_identity": ("account", ("account_id",)),
    "aws_region": ("region", ("region", "name", "id")),
    "aws_partition": ("partition", ("partition",)),
}


def symbol(address: str) -> str:
    """An address as it stands for something in a form: without what separates the parts of an ARN."""
    return _SEPARATORS.sub("_", address)


def _null(value: Node) -> bool:
    return isinstance(value, Scalar) and value.value is None
