"""Templates and references of HCL inside strings of JSON, with every place in the JSON file.

https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from kms_lint import syntax
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.expression import Broken, Expression, Template
from kms_lint.syntax.tree import Text

_INTRODUCTION: Final = "it = "
_MARKER: Final = "KMSLINT"


def literal(text: Text, at: Span) -> Template:
    """A string in which nothing is interpolated."""
    return Template((syntax.passage(text),), at)


def template(text: Text, at: Span) -> Expression:
    """A string as Terraform takes it: `${…}` and `%{…}` in it are interpolated. Backslashes mean nothing more in it."""
    if "${" not in text and "%{" not in text:
        return literal(text, at)
    marker = _MARKER
    while marker in text:
        marker += "X"
    introduction = f"{_INTRODUCTION}<<{marker}\n"
    written = syntax.passage(text)
    found = _parsed(f"{introduction}{text}\n{marker}\n", len(introduction), written, at)
    return replace(_without_end(found), at=at, heredoc=False) if isinstance(found, Template) else found


def reference(text: Text, at: Span) -> Expression:
    """A string that is an expression itself, as in `"provider": "aws.east"`; the place is that within the quotes."""
    written = syntax.passage(text)
    inside = str(text)
    if inside.startswith("${") and inside.endswith("}"):
        return template(text, at)
    return _parsed(f"{_INTRODUCTION}{inside}\n", len(_INTRODUCTION), written, at)


def _parsed(content: str, introduction: int, written: Passage, at: Span) -> Expression:
    from kms_lint.syntax import hcl

    source = Source(at.source.path, content)
    configuration = hcl.parse(source)
    argument = configuration.arguments.get("it")
    if argument is None or configuration.errors or configuration.blocks or len(configuration.arguments) > 1:
        return Broken(at.source.text[at.start : at.end], at)
    found: Expression = _Home(source, introduction, written).brought(argument.expression())
    return found


def _without_end(found: Template) -> Template:
    """The template without the line end before the closing marker, which is ours."""
    *parts, last = found.parts
    if isinstance(last, Passage) and last.text.endswith("\n"):
        if len(last.text) > 1:
            parts.append(_cut(last, len(last.text) - 1))
        return replace(found, parts=tuple(parts))
    return found


def _cut(passage: Passage, length: int) -> Passage:
    runs = [each for each in zip(passage.starts, passage.origins, strict=True) if each[0] <= length]
    return Passage(passage.source, passage.text[:length], tuple(s for s, _ in runs), tuple(o for _, o in runs))


class _Home:
    """The way from text that was parsed by itself back to the string of JSON that it comes from."""

    def __init__(self, source: Source, introduction: int, written: Passage) -> None:
        self._source = source
        self._introduction = introduction
        self._written = written

    def brought(self, part: Any) -> Any:
        """An expression, or what it is made of, with its places in the JSON file."""
        if isinstance(part, Span):
            return self._span(part)
        if isinstance(part, Text):
            return Text(str(part), self.brought(part.at), part.form)
        if isinstance(part, Passage):
            return self._passage(part)
        if isinstance(part, tuple):
            return tuple(self.brought(each) for each in part)
        if is_dataclass(part) and not isinstance(part, type | Source):
            return replace(part, **{field.name: self.brought(getattr(part, field.name)) for field in fields(part)})
        return part

    def _span(self, span: Span) -> Span:
        if span.source is not self._source:
            return span
        last = len(self._written.text)
        start, end = (min(max(at - self._introduction, 0), last) for at in (span.start, span.end))
        return self._written.span(start, end)

    def _passage(self, passage: Passage) -> Passage:
        """A run of text goes on as long as it does both in the parsed text and in the string."""
        written = self._written
        found: list[tuple[int, int]] = []
        ends = (*passage.starts[1:], len(passage.text))
        for start, origin, end in zip(passage.starts, passage.origins, ends, strict=True):
            first = max(origin - self._introduction, 0)
            found.append((start, written.origin(min(first, len(written.text)))))
            found.extend(
                (start + begin - first, there)
                for begin, there in zip(written.starts, written.origins, strict=True)
                if first < begin < first + end - start or (end == ends[-1] and begin == first + end - start)
            )
        return Passage(written.source, passage.text, tuple(s for s, _ in found), tuple(o for _, o in found))
