"""The policy that the value of an argument holds: `jsonencode`, a policy document, or JSON text in a string."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from kms_lint.errors import MalformedError
from kms_lint.load.reading import expressions
from kms_lint.load.terraform.value import Encoded, Hole, Part, Rendered, moved, written
from kms_lint.model import Problem
from kms_lint.source import At, Passage, Source, Span
from kms_lint.syntax import locate
from kms_lint.syntax.json_scanner import FIRST_HOLE
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

_MOST_HOLES: Final = 10_000
_QUOTE: Final = re.compile(r'\\.|"', re.DOTALL)
_FOREIGN: Final = re.compile("[\U000f0000-\U0010ffff]")


def decoded(value: Node, refuse: Callable[[Problem], None]) -> Node:
    """The tree of the policy that a value holds. What surely is no JSON is refused, and null stands for it.

    Text with a part of unknown shape (`${…}` where a value belongs, `%{ … }`) is unknown when it cannot be read.
    """
    if isinstance(value, Encoded):
        return value.node
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = decoded(first.value, refuse), decoded(second.value, refuse)
        return Choice((Branch(first.condition, first.holds, yes), Branch(second.condition, second.holds, no)), value.at)
    if isinstance(value, Rendered) and _in_one_file(value):
        return _parsed(value, refuse)
    if isinstance(value, Text):
        return _without_places(value, refuse) if isinstance(value, Rendered) else _in_computed(value, refuse)
    if isinstance(value, Mapping | Items):
        message = "a policy is given as text here: write `jsonencode(…)` around this"
        refuse(Problem("malformed-policy", message, value.at))
    return value


def _parsed(value: Rendered, refuse: Callable[[Problem], None]) -> Node:
    from kms_lint.syntax import json

    composed = _composed(value)
    try:
        return json.parse(composed.passage, composed.holes)
    except MalformedError as error:
        if composed.open is not None:
            return composed.open._replace(at=value.at if isinstance(value.at, Span) else error.at)
        message = f"this should be a policy, and is not JSON: {error.message}"
        refuse(Problem("malformed-policy", message, error.at))
        return Scalar(None, "null", value.at)


def _in_one_file(value: Rendered) -> bool:
    """Whether the parts of a text are written in one file, so that places in it can be told."""
    sources = {id(part.source if isinstance(part, Passage) else part.at.source) for part in value.parts}
    return len(sources) < 2


def _without_places(value: Text, refuse: Callable[[Problem], None]) -> Node:
    """The policy in a text that functions have made: the whole expression is the place of all of it."""
    if value.form == ANYTHING:
        return Unknown(str(value).strip("<>"), value.at)
    problems: list[Problem] = []
    node = _parsed(Rendered(str(value), value.at, value.form, tuple(_parts(value))), problems.append)
    if problems and "<" in value.form:
        return Unknown(str(value).strip("<>"), value.at)
    for problem in problems:
        refuse(problem._replace(at=value.at))
    return _everywhere(node, value.at)


def _parts(value: Text) -> Iterator[Part]:
    """The known and the unknown parts of a text, as those of a template that is written nowhere."""
    if isinstance(value, Rendered):
        for part in value.parts:
            yield Passage(Source("", part.text), part.text) if isinstance(part, Passage) else part
        return
    pieces = value.form.split(ANYTHING)
    names = expressions(value)
    source = Source("", value.form)
    for index, piece in enumerate(pieces):
        if index:
            name = names[index - 1] if len(names) == len(pieces) - 1 else ", ".join(names)
            yield Hole(Unknown(name, value.at), Span(source, 0, 0))
        yield Passage(source, piece)


def _everywhere(node: Node, at: At) -> Node:
    """The same tree with one place for all of it; its depth is bounded by the parser."""
    if isinstance(node, Text):
        return Text(str(node), at, None if node.form == node else node.form)
    if isinstance(node, Mapping):
        return Mapping([(_key(name, at), _everywhere(value, at)) for name, value in node.entries], at)
    if isinstance(node, Items):
        return Items([_everywhere(value, at) for value in node.values], at)
    if isinstance(node, Choice):
        first, second = (branch._replace(value=_everywhere(branch.value, at)) for branch in node.branches)
        return Choice((first, second), at)
    return node._replace(at=at)


def _key(name: Text, at: At) -> Text:
    return Text(str(name), at, None if name.form == name else name.form)


def _in_computed(value: Text, refuse: Callable[[Problem], None]) -> Node:
    """The tree in a text that a function gives: it stands nowhere as it is, so all of it is where the call is."""
    from kms_lint.load.terraform.characters import pieces
    from kms_lint.syntax import json

    found = pieces(value)
    holes = tuple(piece for piece in found if isinstance(piece, Text))
    if holes and len(found) == 1:
        return _without_places(value, refuse)
    numbers = iter(range(len(holes)))
    text = "".join(
        chr(FIRST_HOLE + next(numbers)) if isinstance(piece, Text) else _FOREIGN.sub("\ufffd", piece) for piece in found
    )
    span = locate(value.at)
    try:
        return moved(json.parse(Passage(Source(span.source.path, text), text), holes[:_MOST_HOLES]), span)
    except MalformedError as error:
        if holes:
            return Unknown(written(span), value.at)
        message = f"this should be a policy, and is not JSON: {error.message}"
        refuse(Problem("malformed-policy", message, value.at))
        return Scalar(None, "null", value.at)


class _Composed(NamedTuple):
    """A template as one text in which a character stands for each hole; `open` is a hole of unknown shape."""

    passage: Passage
    holes: tuple[Node, ...]
    open: Unknown | None


class _Composer:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.length = 0
        self.starts: list[int] = []
        self.origins: list[int] = []
        self.holes: list[Node] = []
        self.open: Unknown | None = None
        self.quoted = False

    def add(self, passage: Passage) -> None:
        text = passage.text if passage.text.isascii() else _FOREIGN.sub("\ufffd", passage.text)
        if not text:
            return
        for start, origin in zip(passage.starts, passage.origins, strict=True):
            if start < len(text):
                self.starts.append(start + self.length)
                self.origins.append(origin)
        self._append(text)
        if '"' in text:
            self.quoted ^= sum(match[0] == '"' for match in _QUOTE.finditer(text)) % 2 == 1

    def fill(self, hole: Hole) -> None:
        value = hole.value if self.quoted else self._outside(hole.value)
        self.starts.append(self.length)
        self.origins.append(hole.at.start)
        if isinstance(value, str) and not isinstance(value, Text):
            self._append(value)
            return
        self._append(chr(FIRST_HOLE + len(self.holes)))
        self.holes.append(value)

    def _append(self, text: str) -> None:
        self.texts.append(text)
        self.length += len(text)

    def _outside(self, value: Node) -> Node | str:
        """A value where JSON expects a value: the tree it holds, or text to be read with the rest."""
        if isinstance(value, Encoded):
            return value.node
        if isinstance(value, Rendered):
            return self._nested(value)
        if isinstance(value, Choice):
            first, second = value.branches
            yes, no = self._branch(first), self._branch(second)
            return Choice((yes, no), value.at)
        if isinstance(value, Unknown):
            self.open = self.open or value
        return value

    def _branch(self, branch: Branch) -> Branch:
        value = self._outside(branch.value)
        if isinstance(value, str) and not isinstance(value, Text):
            value = self._unknown(branch.value)
        return branch._replace(value=value)

    def _nested(self, value: Rendered) -> Node | str:
        from kms_lint.syntax import json

        composed = _composed(value)
        try:
            return json.parse(composed.passage, composed.holes)
        except MalformedError:
            # A piece of JSON, such as `"a", "b"`: it means something only together with what stands around it.
            return str(value) if value.form == str(value) else self._unknown(value)

    def _unknown(self, value: Node) -> Unknown:
        found = Unknown(str(value).strip("<>") if isinstance(value, Text) else "…", value.at)
        self.open = self.open or found
        return found


def _composed(value: Rendered) -> _Composed:
    parts = value.parts
    if len(parts) == 1 and isinstance(parts[0], Passage):
        return _Composed(parts[0], (), None)
    composer = _Composer()
    source = value.at.source if isinstance(value.at, Span) else None
    for part in parts:
        if isinstance(part, Passage):
            source = part.source
            composer.add(part)
        else:
            source = part.at.source
            composer.fill(part)
        if len(composer.holes) > _MOST_HOLES:
            break
    assert source is not None
    if composer.starts[:1] != [0]:
        composer.starts.insert(0, 0)
        composer.origins.insert(0, 0)
    passage = Passage(source, "".join(composer.texts), tuple(composer.starts), tuple(composer.origins))
    return _Composed(passage, tuple(composer.holes), composer.open)
