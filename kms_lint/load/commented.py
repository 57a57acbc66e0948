"""JSON with comments, as documentation writes it."""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)')
_COMMA: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|(?P<comma>,)(?=\s*[}\]])')
_NOT_BLANK: Final = re.compile(r"[^\r\n]")


def plain(text: str, *, commas: bool = False) -> str:
    """The text with blanks in the place of comments, and of commas that nothing follows; all else stays where it is."""
    if "//" in text or "/*" in text:
        text = _PIECE.sub(lambda found: _blanked(found, "comment"), text)
    return _COMMA.sub(lambda found: _blanked(found, "comma"), text) if commas else text


def _blanked(found: re.Match[str], name: str) -> str:
    return found[0] if found[name] is None else _NOT_BLANK.sub(" ", found[0])
