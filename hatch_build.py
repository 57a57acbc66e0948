"""Puts the compiled rules into the wheel, so that a run reads one JSON file and no YAML."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledRules(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles `rules/` when a wheel is built; an editable install reads the folder itself."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes the compiled file beside the build and asks for it to be shipped."""
        if self.target_name != "wheel" or version == "editable":
            return
        path = os.path.join(self.root, "kms_lint", "compiled.py")
        spec = importlib.util.spec_from_file_location("compiled", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.folder = tempfile.TemporaryDirectory()
        written = os.path.join(self.folder.name, "rules.json")
        with open(written, "w", encoding="utf-8") as file:
            file.write(module.compiled(os.path.join(self.root, "rules")))
        build_data["force_include"][written] = "kms_lint/rules.json"
