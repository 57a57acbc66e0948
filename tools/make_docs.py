"""Writes the pages of docs/ that are made of the rule files: docs/rules.md, docs/rules/*.md and docs/coverage.md."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))


def pages() -> dict[str, str]:
    """The pages by their paths below docs/."""
    from kms_lint import coverage
    from kms_lint.cli.explain import as_markdown
    from kms_lint.cli.rules import as_markdown as index
    from kms_lint.library import described, folder

    abouts = sorted(described(), key=lambda about: about.id)
    found = {"rules.md": index(abouts), "coverage.md": coverage.as_markdown(abouts)}
    for about in abouts:
        lines = as_markdown(about, str(Path(folder()) / f"{about.id}.yaml"))
        found[f"rules/{about.id}.md"] = "".join(f"{line}\n" for line in lines)
    return found


def main() -> None:
    """Writes them, and removes the pages of rules that are gone."""
    made = pages()
    (PROJECT / "docs" / "rules").mkdir(exist_ok=True)
    for path in (PROJECT / "docs" / "rules").glob("*.md"):
        if f"rules/{path.name}" not in made:
            path.unlink()
    for name, text in made.items():
        (PROJECT / "docs" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
