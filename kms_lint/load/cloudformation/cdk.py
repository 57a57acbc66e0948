"""What CDK says about a template that it made: the way of constructs to a resource, and where the stack is deployed.

https://docs.aws.amazon.com/cdk/v2/guide/environments.html
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from typing import Final

from kms_lint.errors import MalformedError, SourceError
from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.syntax.tree import Mapping, Node, Text

_TEMPLATE: Final = ".template.json"
_MANIFEST: Final = "manifest.json"
_ENVIRONMENT: Final = "aws://"
_LARGEST: Final = 20_000_000


def construct(resource: Node) -> str | None:
    """The way of constructs that leads to a resource, as CDK notes it."""
    metadata = resource.get("Metadata") if isinstance(resource, Mapping) else None
    path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
    return str(path) if isinstance(path, Text) else None


def deployed(file: File | None, options: Options) -> Options:
    """The options with the account and the Region that the manifest beside a template says."""
    if file is None or not file.path.endswith(_TEMPLATE):
        return options
    location = os.path.join(os.path.dirname(file.location), _MANIFEST)
    try:
        said = os.stat(location)
    except (OSError, ValueError):
        return options
    environments = _environments(location, said.st_mtime_ns, said.st_size)
    account, region = environments.get(os.path.basename(file.location), ("", ""))
    known = len(account) == 12 and account.isascii() and account.isdigit()
    return replace(
        options,
        account=account if known else options.account,
        region=region if region and not region.startswith("unknown") else options.region,
    )


@lru_cache(maxsize=4)
def _environments(location: str, changed: int, size: int) -> dict[str, tuple[str, str]]:
    """The account and the Region of each template, by the name of its file; `changed` and `size` tell a new manifest."""
    from kms_lint import files
    from kms_lint.source import Passage
    from kms_lint.syntax import json

    if size > _LARGEST:
        return {}
    try:
        file = files.within(File(_MANIFEST, location, False), location, _MANIFEST)
        source = files.decode(_MANIFEST, files.content(file))
        manifest = json.parse(Passage(source, source.text))
    except (MalformedError, SourceError):
        return {}
    artifacts = manifest.get("artifacts") if isinstance(manifest, Mapping) else None
    found: dict[str, tuple[str, str]] = {}
    for _, artifact in artifacts.entries if isinstance(artifacts, Mapping) else ():
        properties = artifact.get("properties") if isinstance(artifact, Mapping) else None
        environment = artifact.get("environment") if isinstance(artifact, Mapping) else None
        template = properties.get("templateFile") if isinstance(properties, Mapping) else None
        if isinstance(template, Text) and isinstance(environment, Text) and environment.startswith(_ENVIRONMENT):
            account, _, region = environment.removeprefix(_ENVIRONMENT).partition("/")
            found[str(template)] = (account, region)
    return found
