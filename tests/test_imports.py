"""Nothing is imported that a run does not need: what a run brings in is held against a list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

HEAVY = {
    "click", "rich", "jsonschema", "yaml", "tree_sitter", "tree_sitter_hcl", "pathspec", "platformdirs", "logging",
    "importlib.metadata", "asyncio", "socket", "ssl", "subprocess", "multiprocessing", "concurrent", "tomllib", "difflib",
    "http", "urllib.request", "email", "xml", "unittest", "pydoc", "tempfile", "_hashlib",
}  # fmt: skip
"""What costs milliseconds to import."""

BY_CLICK = {"difflib"}
"""click itself imports these, or they come with the interpreter's own start."""

PROBE = """
import sys
before = set(sys.modules)
from kms_lint.__main__ import main
sys.argv = ["kms-lint", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("\\n".join(sorted(set(sys.modules) - before)), file=sys.stderr)
"""

RUNS = {
    "the version": (["--version"], set()),
    "policy JSON": (["check", "fixtures/aws-policies/default.json"], {"click"}),
    "Terraform": (["check", "fixtures/payments/keys.tf"], {"click", "tree_sitter", "tree_sitter_hcl"}),
    "CloudFormation": (["check", "fixtures/payments/template.yaml"], {"click", "yaml"}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_imports_only_what_it_needs(name: str, tmp_path: Path) -> None:
    arguments, allowed = RUNS[name]
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], cwd=PROJECT, capture_output=True, text=True)
    modules = set(done.stderr.split())
    assert "kms_lint" in modules
    found = {heavy for heavy in HEAVY if heavy in modules}
    click_brings = BY_CLICK if "click" in modules else set()
    assert found - click_brings <= allowed | (_rules_from_files() if "click" in allowed else set())


def _rules_from_files() -> set[str]:
    """In a checkout the rules are read from their YAML files; the wheel carries them compiled (`test_package.py`)."""
    return {"yaml"}
