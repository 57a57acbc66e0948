"""Examples in documentation, in which something is left out or stands for what the reader has to fill in."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from kms_lint.model import Unresolved
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

_ELLIPSIS: Final = r"\.\.\.|…"
_LINE: Final = re.compile(
    rf"^[ \t]*(?:#+|//+|/\*+|-)?[ \t]*[\[({{\"']*[ \t]*(?P<cut>{_ELLIPSIS})[^\r\n]*", re.MULTILINE
)
_HOLE: Final = re.compile(rf"{_ELLIPSIS}|<[^<>\r\n]{{1,80}}>")
_IN_TEXT: Final = re.compile(rf"{_HOLE.pattern}|\{{\{{[^{{}}\r\n]{{1,80}}\}}\}}|(?<=:key/)[A-Z]+(?:[-_][A-Z]+)*$")
_ARN: Final = re.compile(r"arn:[\w-]*:[\w-]*:(?P<region>[^:\s]{0,60}):(?P<account>[^:\s]{0,60}):")
_REGION: Final = re.compile(r"[A-Z]+(?:[-_][A-Z]+)*")
_ACCOUNT: Final = re.compile(r"(?!(?:aws|aws-marketplace|cloudfront)$)(?=.*[A-Za-z])[\w-]+")
_WORD: Final = re.compile(r"<[A-Za-z][\w -]{0,60}>")
_MARKS: Final = ("<", "...", "…", "{", "arn:")
_AROUND: Final = "<>{} "
_LEFT: Final = "it is left to the reader of the example"
_PARTLY: Final = "what is to be filled in here is not known"
_MESSAGE: Final = "something is left out of this example, so it is not judged"


def abridged(source: Source) -> Unresolved | None:
    """Where whole lines of an example are left out; `None` when it is complete."""
    found = _LINE.search(source.text)
    return None if found is None else _unresolved(source, found.start("cut"), found.end("cut"))


def placeholder(source: Source) -> Unresolved | None:
    """Where an example that cannot be parsed has something else in the place of a value."""
    found = _HOLE.search(source.text)
    return None if found is None else _unresolved(source, found.start(), found.end())


def to_fill_in(source: Source) -> Unresolved | None:
    """Where the strings of an example of Terraform have something to fill in: `<ACCOUNT_ID>`."""
    found = _WORD.search(source.text)
    return None if found is None else _unresolved(source, found.start(), found.end(), _PARTLY)


def invented_account(source: Source) -> Unresolved | None:
    """Where an ARN of an example has a word in the place of the account, such as `YOUR_ACCOUNT_ID`, which AWS refuses."""
    for arn in _ARN.finditer(source.text):
        if _ACCOUNT.fullmatch(arn["account"]):
            return _unresolved(source, arn.start("account"), arn.end("account"))
    return None


def _unresolved(source: Source, start: int, end: int, message: str = _MESSAGE) -> Unresolved:
    return Unresolved(source.text[start:end], message, Span(source, start, end))


def unknown_in(node: Node) -> Node:
    """The tree, in which texts with something to fill in are unknown there: `<account-id>`, `...`, `iam::ACCOUNT_ID:`."""
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, Mapping):
        return Mapping(partial(_entries, node), node.at)
    if isinstance(node, Items):
        return Items(partial(_values, node), node.at)
    return node


def _entries(node: Mapping) -> list[tuple[Text, Node]]:
    return [(name, unknown_in(value)) for name, value in node.entries]


def _values(node: Items) -> list[Node]:
    return [unknown_in(value) for value in node.values]


def _text(text: Text) -> Node:
    if not any(mark in text for mark in _MARKS):
        return text
    if text.lstrip()[:1] in ("{", "[") and not text.startswith("{{"):  # a policy as text
        return text
    whole = _IN_TEXT.fullmatch(text)
    if whole is not None:
        return Unknown(str(text).strip(_AROUND), text.at, _LEFT)
    marked = _fields(str(text))
    shown = _IN_TEXT.sub(lambda found: f"<{found[0].strip(_AROUND)}>", marked)
    return Text(shown, text.at, _IN_TEXT.sub(ANYTHING, marked)) if _IN_TEXT.search(marked) else text


def _fields(text: str) -> str:
    """An ARN, in which a Region or an account that is a word to fill in (`YOUR_ACCOUNT_ID`) stands in angle brackets."""
    arn = _ARN.match(text)
    if arn is None:
        return text
    region, account = arn["region"], arn["account"]
    region = f"<{region}>" if _REGION.fullmatch(region) else region
    account = f"<{account}>" if _ACCOUNT.fullmatch(account) else account
    return f"{text[: arn.start('region')]}{region}:{account}{text[arn.end('account') :]}"
