"""One file of a Terraform folder: its bytes, and its blocks once something in them is needed.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kms_lint.errors import MalformedError
from kms_lint.source import Source
from kms_lint.syntax.expression import Block

if TYPE_CHECKING:
    from kms_lint.files import File

_OURS: Final = re.compile(
    rb"kms|aws_iam_|policy|policies|exclude_management_event_sources"
    rb"|shared_accounts|aws_ami_launch_perm|aws_snapshot_create_volume_perm",
    re.IGNORECASE,
)
_CALLS: Final = re.compile(rb'\bsource"?\s*[=:]\s*"([^"$]+)"')


class Unit:
    """One `.tf` file. `relevant` is whether something in it may be for us."""

    __slots__ = ("blocks", "content", "errors", "file", "needed", "parsed", "relevant", "source")

    def __init__(self, file: File, content: bytes) -> None:
        """`needed` is whether it is parsed before anybody asks for something in it."""
        self.file = file
        self.content = content
        self.relevant = file.named or _OURS.search(content) is not None
        self.needed = self.relevant
        self.parsed = False
        self.source: Source | None = None
        self.blocks: Sequence[Block] = ()
        self.errors: tuple[MalformedError, ...] = ()

    def calls(self) -> tuple[str, ...]:
        """What stands as the `source` of something in it, as far as that can be told without parsing."""
        if b"module" not in self.content:
            return ()
        return tuple(found.decode("utf-8", "replace") for found in _CALLS.findall(self.content))

    def parse(self) -> None:
        """Reads the blocks. What is wrong with the text is in `errors`, and the rest is read nevertheless."""
        from kms_lint import files
        from kms_lint.syntax import hcl, hcl_json

        self.parsed = True
        try:
            self.source = files.source(self.file, self.content)
        except MalformedError as error:
            self.errors = (error,)
            return
        parse = hcl_json.parse if self.file.path.endswith(".json") else hcl.parse
        configuration = parse(self.source)
        self.blocks = configuration.blocks
        self.errors = configuration.errors
