"""Functions of strings. What is known of a string that is not all known stays known where that is possible.

https://developer.hashicorp.com/terraform/language/functions/upper
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from kms_lint.load.terraform.characters import Piece, atoms, computed, fixed, pieces
from kms_lint.load.terraform.conversion import string
from kms_lint.load.terraform.functions.signature import Asked, Function, integer, items, plainly, text
from kms_lint.load.terraform.known import Plain, made
from kms_lint.load.terraform.limits import RefusedError, UndecidedError, few, fits
from kms_lint.load.terraform.value import Encoded, ListOf, Rendered, Several, is_null, opaque
from kms_lint.source import Passage
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Node, Text, Unknown

_PLAIN_WORD: Final = re.compile(r"[\w.-]*")
_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def written_out(node: Node) -> list[Piece]:
    """The pieces of a value that is, or becomes, a string. Raises RefusedError for null and what never becomes one."""
    value = string(node)
    if is_null(value):
        raise RefusedError("a string is required, not null")
    return pieces(value)


def _cased(change: Callable[[str], str]) -> Function:
    def compute(values: Sequence[Node], asked: Asked) -> Node:
        value = string(values[0])
        known = fixed(value)
        if known is not None:
            return computed([change(known)], asked.at)
        if is_null(value):
            raise RefusedError("a string is required, not null")
        parts = [part if isinstance(part, Text) else change(part) for part in atoms(value)]
        return computed([_opaque(part) if isinstance(part, Text) else part for part in parts], asked.at)

    return Function(1, 1, compute)


def _opaque(part: Text) -> Text:
    """A part as one of which nothing is known; an account's number stays what it is, whatever its letters become."""
    return part if part.form == DEPLOYMENT_ACCOUNT else Text(str(part), part.at, ANYTHING)


def _upper(value: str) -> str:
    """Letter by letter: no letter becomes two."""
    if value.isascii():
        return value.upper()
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in value)


def _lower(value: str) -> str:
    if value.isascii():
        return value.lower()
    return "".join(letter.lower()[:1] for letter in value)


def _title(value: str) -> str:
    return re.sub(r"(?<!\w)\w", lambda match: _upper(match.group()), value)


def _substring(value: str, offset: int, length: int) -> str:
    from kms_lint.load.terraform.functions.graphemes import clusters

    units = clusters(value)
    if length < -1:
        raise RefusedError("a length is not negative")
    start = offset if offset >= 0 else max(0, len(units) + offset)
    end = len(units) if length == -1 else start + length
    return "".join(units[start:end])


def _reversed(value: str) -> str:
    from kms_lint.load.terraform.functions.graphemes import clusters

    return "".join(reversed(clusters(value)))


def _indented(values: Sequence[Node], asked: Asked) -> Node:
    spaces = integer(values[0])
    if spaces < 0:
        raise RefusedError("a number of spaces is not negative")
    fits(spaces)
    parts = written_out(values[1])
    fits(sum(part.count("\n") for part in parts) * spaces + sum(map(len, parts)))
    blank = "\n" + " " * spaces
    return computed([part if isinstance(part, Text) else part.replace("\n", blank) for part in parts], asked.at)


def _trimmed(trim: Callable[[str, bool, bool], str]) -> Function:
    """A function that takes something off the ends of a string: `trim` is told which ends a part stands at."""

    def compute(values: Sequence[Node], asked: Asked) -> Node:
        whole = values[0]
        if isinstance(whole, Rendered) and len(whole.parts) == 1 and isinstance(whole.parts[0], Passage):
            return _cut(whole, trim(str(whole), True, True))
        parts = written_out(whole)
        last = len(parts) - 1
        return computed(
            [
                part if isinstance(part, Text) else trim(part, index == 0, index == last)
                for index, part in enumerate(parts)
            ],
            asked.at,
        )

    return Function(1, 1, compute)


def _cut(whole: Rendered, kept: str) -> Rendered:
    """What is left of a text that stands in a file, with its places."""
    (part,) = whole.parts
    assert isinstance(part, Passage)
    start = part.text.index(kept) if kept else 0
    later = [(at - start, origin) for at, origin in zip(part.starts, part.origins, strict=True) if at > start]
    starts = (0, *(at for at, _ in later if at < len(kept)))
    origins = (part.origin(start), *(origin for at, origin in later if at < len(kept)))
    return Rendered(kept, whole.at, None, (Passage(part.source, kept, starts, origins),))


def _spaces(part: str, first: bool, last: bool) -> str:
    part = part.lstrip(_SPACE) if first else part
    return part.rstrip(_SPACE) if last else part


def _newlines(part: str, first: bool, last: bool) -> str:
    return part.rstrip("\r\n") if last else part


def _affixed(at_end: bool) -> Function:
    """`startswith` and `endswith`: what is known at that end of a string may be enough."""

    def compute(values: Sequence[Node], asked: Asked) -> Node:
        affix = text(values[1])
        parts = [part for part in atoms(string(values[0])) if part]
        known = fixed(string(values[0]))
        if known is not None:
            return made(known.endswith(affix) if at_end else known.startswith(affix), asked.at)
        part = parts[-1 if at_end else 0] if parts else ""
        if isinstance(part, Text):
            raise UndecidedError
        if len(part) >= len(affix):
            return made(part.endswith(affix) if at_end else part.startswith(affix), asked.at)
        if not (affix.endswith(part) if at_end else affix.startswith(part)):
            return made(False, asked.at)
        raise UndecidedError

    return Function(2, 2, compute)


def _contains(values: Sequence[Node], asked: Asked) -> Node:
    wanted = text(values[1])
    value = string(values[0])
    known = fixed(value)
    if known is not None:
        return made(wanted in known, asked.at)
    if any(not isinstance(part, Text) and wanted in part for part in atoms(value)):
        return made(True, asked.at)
    raise UndecidedError


def _split(values: Sequence[Node], asked: Asked) -> Node:
    separator = text(values[0])
    value = string(values[1])
    known = fixed(value)
    if known is not None:
        found = _units(known) if separator == "" else known.split(separator)
        few(len(found))
        return ListOf([Text(each, asked.at) for each in found], asked.at)
    if is_null(value) or len(separator) != 1 or _PLAIN_WORD.fullmatch(separator):
        text(value)
        raise UndecidedError
    return ListOf(_between(atoms(value), separator, asked), asked.at)


def _units(known: str) -> list[str]:
    from kms_lint.load.terraform.functions.graphemes import clusters

    return clusters(known)


def _between(parts: Sequence[Piece], separator: str, asked: Asked) -> list[Node]:
    """The texts between separators, up to where there may be others that are not known."""
    found: list[Node] = []
    here: list[Piece] = []
    for part in parts:
        if isinstance(part, Text):
            here.append(part)
            if part.form == ANYTHING:
                shown = str(part).strip("<>")
                return [*found, Several(shown, asked.at)]
            continue
        first, *others = part.split(separator)
        here.append(first)
        for other in others:
            found.append(computed(here, asked.at))
            here = [other]
    return [*found, computed(here, asked.at)]


def _join(values: Sequence[Node], asked: Asked) -> Node:
    separator = written_out(values[0])
    parts: list[Piece] = []
    length = 0
    joined = [each for given in values[1:] for each in items(given)]
    if len(joined) == 1 and isinstance(joined[0], Encoded | Rendered):
        return joined[0]  # `join("", data.aws_iam_policy_document.x[*].json)` is the one document that there is
    for value in joined:
        if parts:
            parts.extend(separator)
        more = [opaque(value)] if isinstance(value, Unknown) else written_out(value)
        parts.extend(more)
        length += sum(map(len, more)) + sum(map(len, separator))
        fits(length)
    return computed(parts, asked.at)


def _replaced(values: Sequence[Node], asked: Asked) -> Node:
    wanted = text(values[1])
    value = string(values[0])
    known = fixed(value)
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        from kms_lint.load.terraform.functions.regular import replaced

        result = replaced(text(value), wanted[1:-1], text(values[2]), asked)
        return computed([result], asked.at)
    other = written_out(values[2])
    if known is not None:
        return computed(_spliced(known, wanted, other), asked.at)
    if is_null(value) or (len(wanted) != 1 or _PLAIN_WORD.fullmatch(wanted)):
        text(value)
        raise UndecidedError
    found: list[Piece] = []
    for part in atoms(value):
        found.extend([part] if isinstance(part, Text) else _spliced(part, wanted, other))
    return computed(found, asked.at)


def _spliced(known: str, wanted: str, other: Sequence[Piece]) -> list[Piece]:
    """A text with something else in place of each occurrence of a part; of the empty text there is one at each letter."""
    count = known.count(wanted)
    fits(len(known) + count * sum(map(len, other)))
    runs = ["", *known, ""] if wanted == "" else known.split(wanted)
    found: list[Piece] = []
    for index, run in enumerate(runs):
        if index:
            found.extend(other)
        found.append(run)
    return found


def _trim_set(value: str, characters: str) -> Plain:
    return value.strip(characters) if characters else value


def _without_prefix(values: Sequence[Node], asked: Asked) -> Node:
    return _without(values, asked, at_end=False)


def _without_suffix(values: Sequence[Node], asked: Asked) -> Node:
    return _without(values, asked, at_end=True)


def _without(values: Sequence[Node], asked: Asked, *, at_end: bool) -> Node:
    affix = text(values[1])
    parts = written_out(values[0])
    known = fixed(string(values[0]))
    if known is not None:
        return computed([known.removesuffix(affix) if at_end else known.removeprefix(affix)], asked.at)
    index = -1 if at_end else 0
    part = parts[index]
    if isinstance(part, Text) or (len(part) < len(affix) and (affix.endswith(part) or affix.startswith(part))):
        raise UndecidedError
    parts[index] = part.removesuffix(affix) if at_end else part.removeprefix(affix)
    return computed(parts, asked.at)


FUNCTIONS: Final = {
    "upper": _cased(_upper),
    "lower": _cased(_lower),
    "title": _cased(_title),
    "trim": plainly("ss", _trim_set),
    "trimspace": _trimmed(_spaces),
    "chomp": _trimmed(_newlines),
    "trimprefix": Function(2, 2, _without_prefix),
    "trimsuffix": Function(2, 2, _without_suffix),
    "startswith": _affixed(False),
    "endswith": _affixed(True),
    "strcontains": Function(2, 2, _contains),
    "strrev": plainly("s", _reversed),
    "indent": Function(2, 2, _indented),
    "substr": plainly("sww", _substring),
    "split": Function(2, 2, _split),
    "join": Function(2, None, _join, deep=True),
    "replace": Function(3, 3, _replaced),
}
