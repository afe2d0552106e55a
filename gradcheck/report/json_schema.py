"""The JSON Schema of the machine-readable report, made from the records themselves."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from gradcheck.findings import SCHEMA, Report


def report_schema() -> dict[str, Any]:
    """Return the schema of ``Report.to_json()``; numbers may be "nan", "inf" or "-inf"."""
    schema = msgspec.json.schema(Report)
    declared = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA}
    return {**declared, **_with_non_finite(schema)}


def report_schema_text() -> str:
    """Return the schema as the file ``report-1.schema.json`` holds it."""
    return json.dumps(report_schema(), indent=2) + "\n"


def _with_non_finite(node: Any) -> Any:
    """Let every number also be one of the strings that stand for non-finite ones."""
    if isinstance(node, list):
        return [_with_non_finite(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "number":
        return {"anyOf": [node, {"enum": ["nan", "inf", "-inf"]}]}
    return {key: _with_non_finite(one) for key, one in node.items()}
