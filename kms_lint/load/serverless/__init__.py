"""Services of the Serverless Framework on AWS.

https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.load.options import Options
    from kms_lint.model import Document
    from kms_lint.source import Source
    from kms_lint.syntax.tree import Mapping


def service(node: Mapping, name: str, file: File, source: Source, options: Options) -> Document:
    """All that a service says about keys and policies; `name` is what its file is called."""
    from kms_lint.load.serverless.deployment import service as read

    return read(node, name, file, source, options)
