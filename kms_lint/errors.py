"""What a user can put right: each error's text is what to tell them."""

from __future__ import annotations

from kms_lint.source import Span


class KmsLintError(Exception):
    """The job could not be done as asked (exit status 2). `span` is where, when that is known."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span

    def __str__(self) -> str:
        """The message, with the place before it when that is known."""
        if self.span is None:
            return self.message
        line, column = self.span.source.position(self.span.start)
        return f"{self.span.source.path}:{line}:{column}: {self.message}"


class SourceError(KmsLintError):
    """A path cannot be read."""


class MissingError(SourceError):
    """There is no such file, though it could be one of the repository."""


class TooLargeError(SourceError):
    """A file is larger than any policy could be."""


class RuleError(KmsLintError):
    """A rule file is wrong."""


class ConfigError(KmsLintError):
    """The configuration or an option is wrong."""


class CheckError(KmsLintError):
    """A check raised: our bug. The message names the rule and the place it was looking at."""


class MalformedError(Exception):
    """Text is not in the format it should be in; becomes a finding, never the end of a run.

    `at` is the span where the text broke, `message` what was expected there.
    """

    def __init__(self, message: str, at: Span) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
