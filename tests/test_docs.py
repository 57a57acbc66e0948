"""What is generated is current, and what is written down is true."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from tests.conftest import PROJECT, kms_lint


def test_the_pages_that_are_made_of_rule_files_are_current() -> None:
    sys.path.insert(0, str(PROJECT / "tools"))
    try:
        from make_docs import pages
    finally:
        sys.path.pop(0)
    made = pages()
    for name, text in made.items():
        written = PROJECT / "docs" / name
        shown = written.read_text(encoding="utf-8") if written.exists() else ""
        assert shown == text, "run: python tools/make_docs.py"
    there = {f"rules/{path.name}" for path in (PROJECT / "docs" / "rules").glob("*.md")}
    assert there <= set(made), "run: python tools/make_docs.py"


def test_the_page_of_services_names_each_use_and_its_source() -> None:
    from kms_lint.iam import service_access

    page = (PROJECT / "docs" / "services.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if "](https://" in line]
    for use in service_access.uses():
        assert any(f"| {use.of} |" in row and f"]({use.page})" in row and use.doubt in row for row in rows), use


def test_the_command_prints_the_same_pages() -> None:
    for arguments, name in (
        (("rules", "--format", "markdown"), "rules.md"),
        (("rules", "--coverage", "--format", "markdown"), "coverage.md"),
        (("explain", "public-principal", "--format", "markdown"), "rules/public-principal.md"),
    ):
        printed = kms_lint(*arguments, cwd=PROJECT).stdout.decode()
        assert printed == (PROJECT / "docs" / name).read_text(encoding="utf-8")


def test_the_changelog_names_each_rule() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    rules = {path.stem for path in (PROJECT / "rules").glob("*.yaml")}
    missing = rules - set(re.findall(r"^- New rule: ([a-z-]+)$", text, re.MULTILINE))
    assert missing == set(), "write `- New rule: NAME` into CHANGELOG.md"


def test_contributing_shows_a_rule_file_whole() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    name = re.search(r"`(rules/[a-z-]+[.]yaml)`, whole", text)
    assert name is not None
    assert (PROJECT / name[1]).read_text(encoding="utf-8").rstrip() in text


def test_files_that_the_documents_link_to_exist() -> None:
    for page in (*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")):
        for target, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
            there = page.parent / target if target else page
            assert there.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(there), f"{page.name} links to {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_names_the_commands_that_there_are() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^  ([a-z]+) ", kms_lint("--help").stdout.decode().split("Commands:")[1], re.MULTILINE))
    assert shown == set(re.findall(r"^\| `kms-lint ([a-z]+)", readme, re.MULTILINE))


def test_the_architecture_is_one_page_and_names_every_part() -> None:
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    parts = {path.name.removesuffix(".py") for path in (PROJECT / "kms_lint").iterdir() if path.suffix in ("", ".py")}
    named = set(re.findall(r"`([a-z_]+)`", text))
    assert parts - {"__init__", "__pycache__"} - named == set()


def test_the_page_of_inputs_names_each_function_of_terraform() -> None:
    from kms_lint.load.terraform import functions

    text = " ".join((PROJECT / "docs" / "inputs.md").read_text(encoding="utf-8").split())
    listed = re.search(r"Functions: (.*?zipmap)\. ", text)
    assert listed is not None
    assert listed[1].split(", ") == sorted(functions._FAMILY)


def test_what_the_documents_show_is_what_is_printed() -> None:
    shown = 0
    for page in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))):
        for block in re.findall(
            r"^```\n(\$ kms-lint .*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        ):
            command, _, output = block.partition("\n")
            printed = kms_lint(*shlex.split(command.removeprefix("$ kms-lint ")), cwd=PROJECT)
            assert printed.stdout.decode() == output, f"{page.name}: {command}"
            shown += 1
    assert shown


def test_the_finding_in_the_readme_is_one_of_its_sample() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    finding = re.search(r"^```\n(critical.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert finding is not None
    assert finding[1] in kms_lint("check", "fixtures/payments", cwd=PROJECT).stdout.decode()
