"""Ignores that stand in the files themselves: comments in YAML and HCL, and CloudFormation's `Metadata`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from kms_lint.finding import Finding
from kms_lint.ignores import Ignore, Name
from kms_lint.model import Document, InlineIgnore
from kms_lint.source import Source, Span
from kms_lint.syntax import locate

_SIGN: Final = "kms-lint:"
_BLANK: Final = " \t\r>"
"""What may stand before a comment that stands alone; the last of them in a quotation of Markdown."""

_COMMENT: Final = re.compile(r"(?P<mark>#|//)[ \t]*kms-lint:[ \t]*(?P<said>[^\r\n]*)")
_SAID: Final = re.compile(
    r"ignore[ \t]*\[(?P<names>[^\]]*)\][ \t]*(?:until=(?P<until>\S*))?[ \t]*(?:--[ \t]*(?P<reason>.*))?$"
)
_NAME: Final = re.compile(r"[^,\s][^,]*")
_FORM: Final = "write `kms-lint: ignore[rule] until=2027-03-01 -- reason`"


def inline(document: Document, needs_reason: bool = False) -> Iterator[Ignore]:
    """The ignores in a document. `needs_reason` is whether each has to give one."""
    for written in document.ignores:
        yield metadata(written, needs_reason)
    for part in document.parts or (document,):
        source, hcl = part.source, part.format == "terraform"
        if source is not None and _SIGN in source.text and not (hcl and _is_json(source)):
            for ignore in comments(source, hcl, needs_reason):
                yield replace(ignore, seen=False) if document.context else ignore


def _is_json(source: Source) -> bool:
    """Whether a file that Terraform reads or prints is JSON, which has no comments."""
    return source.text[:100].lstrip("\ufeff \t\r\n").startswith("{")


def metadata(written: InlineIgnore, needs_reason: bool) -> Ignore:
    """An ignore in `Metadata` of a template or of one of its resources."""
    area = locate(written.covers)

    def covers(finding: Finding) -> bool:
        span = finding.span
        if span.source.path != area.source.path or not area.start <= span.start < area.end:
            return False
        return written.statement is None or written.statement == finding.statement

    names = tuple(Name(str(rule), locate(rule.at)) for rule in written.rules)
    fault = "" if names else "it names no rule"
    reason = (written.reason or "").strip() or None
    return Ignore(names, locate(written.at), covers, reason, written.until, fault, needs_reason)


def comments(source: Source, hcl: bool, needs_reason: bool = False) -> Iterator[Ignore]:
    """The ignores in comments. In HCL `//` begins a comment too."""
    for found in _COMMENT.finditer(source.text):
        line, column = source.position(found.start())
        before = source.line(line)[: column - 1]
        if _comments(before, found["mark"], hcl):
            yield _comment(source, found, line, not before.strip(_BLANK), hcl, needs_reason)


def _comments(before: str, mark: str, hcl: bool) -> bool:
    """Whether what follows on the line is a comment, and not part of a string or of a word."""
    if before.count('"') % 2:
        return False
    return hcl or (mark == "#" and (not before or before[-1] in " \t"))


def _comment(source: Source, found: re.Match[str], line: int, alone: bool, hcl: bool, needs_reason: bool) -> Ignore:
    at = Span(source, found.start(), found.start() + len(found.group().rstrip())).in_file()
    covers = _covering(source, line, alone, hcl)
    said = _SAID.match(found["said"].rstrip())
    if said is None:
        return Ignore((), at, covers, fault=f"this comment is not understood, and ignores nothing: {_FORM}")
    first = found.start("said") + said.start("names")
    names = tuple(
        Name(
            each.group().rstrip(),
            Span(source, first + each.start(), first + each.start() + len(each.group().rstrip())).in_file(),
        )
        for each in _NAME.finditer(said["names"])
    )
    fault = "" if names else f"it names no rule, and ignores nothing: {_FORM}"
    return Ignore(names, at, covers, (said["reason"] or "").strip() or None, said["until"], fault, needs_reason)


def _covering(source: Source, line: int, alone: bool, hcl: bool) -> Callable[[Finding], bool]:
    """What a comment covers: its own line, or, when it stands alone, the line below and the block that begins there.

    The block is only looked for when something is found further down.
    """
    first = _below(source, line) if alone else line
    last: list[int] = []
    path = Span(source, 0, 0).in_file().source.path

    def covers(finding: Finding) -> bool:
        if finding.span.source.path != path:
            return False
        here = finding.span.source.position(finding.span.start).line
        if here in (line, first):
            return True
        if not alone or here < first:
            return False
        if not last:
            last.append(_hcl_end(source, first) if hcl else _yaml_end(source, first))
        return here <= last[0]

    return covers


def _below(source: Source, line: int) -> int:
    """The next line that is not a comment."""
    line += 1
    while source.line(line).lstrip().startswith(("#", "//")):
        line += 1
    return line


def _yaml_end(source: Source, line: int) -> int:
    """The last line of what begins on a line, by indentation. A list may stand as deep as the name it belongs to."""
    head = source.line(line)
    if not head.strip():
        return line
    depth = _depth(head)
    opens = head.rstrip().endswith(":") and not head.lstrip().startswith("- ")
    last = line
    while (at := last + 1) <= source.position(len(source.text)).line:
        text = source.line(at)
        listed = opens and _depth(text) == depth and text.lstrip().startswith("-")
        if text.strip() and _depth(text) <= depth and not listed and not _closing(text):
            break
        last = at
    return last


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _closing(text: str) -> bool:
    return text.strip().rstrip(",") in ("}", "]")


def _hcl_end(source: Source, line: int) -> int:
    """The last line of the outermost block, argument or value that begins on a line."""
    from kms_lint.ignores.extent import begun

    end = begun(source, line)
    return line if end is None else source.position(max(end - 1, 0)).line
