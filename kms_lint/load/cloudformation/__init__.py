"""CloudFormation templates, and fragments of them, in YAML and JSON.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from kms_lint.load.cloudformation.template import is_template, template

__all__ = ["is_template", "template"]
