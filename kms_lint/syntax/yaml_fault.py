"""What to tell about YAML that cannot be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

_NOT_CLOSED = {"quoted scalar": "this text is not closed: a quote is missing"}


def fault(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int]:
    """A message, and the index of the character where it belongs."""
    problem = error.problem or "cannot be read as YAML"
    context = error.context or ""
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark else 0
    opened = error.context_mark.index if error.context_mark else index
    if "end of stream" in problem and "quoted scalar" in context:
        return _NOT_CLOSED["quoted scalar"], opened
    if "',' or '" in problem:
        what, bracket = ("list", "]") if "sequence" in context else ("mapping", "}")
        if not text[index:].strip():
            return f"this {what} is not closed: {bracket} is missing", opened
        return f"expected a comma, or {bracket} to close the {what}", index
    if "cannot start any token" in problem:
        return _foreign(text[index : index + 1]), index
    if "could not find expected ':'" in problem:
        return "expected a colon after this name", opened
    return _messages(problem), index


def _foreign(character: str) -> str:
    if character == "\t":
        return "indent with blanks: YAML takes no tabs here"
    return f"{character} cannot begin a value: put the text in quotes"


def _messages(problem: str) -> str:
    """The parser's words, in a user's."""
    for part, message in _WORDS.items():
        if part in problem:
            return message
    return f"cannot be read as YAML: {problem}"


_WORDS = {
    "mapping values are not allowed": "a colon and a value do not fit here: check the indentation, "
    "or put a text that holds a colon in quotes",
    "expected '-' indicator": "the indentation does not fit the list above: an item begins with a dash",
    "expected key": "the indentation does not fit the mapping above: expected a name",
    "<document start>": "expected the end of the document here",
    "block end": "the indentation does not fit what stands above",
    "unknown escape": "this escape does not exist: write the backslash twice, or use single quotes",
    "sequence entries are not allowed": "a list cannot begin here: begin it on a line of its own",
    "incompatible YAML": "this version of YAML cannot be read",
    "node content": "expected a value here",
    "maximum nesting depth": "this is nested too deeply to be read",
    "alphabetic or numeric": "expected the name of an anchor here",
}
