"""A form with a file as OpenAPI describes it: for the documentation under `/docs`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def form_with_file(form: type[BaseModel]) -> dict[str, Any]:
    """Return what a route takes: the fields of a form, and a recording beside them."""
    schema = form.model_json_schema()
    schema = _inlined(schema, schema.pop("$defs", {}))
    schema["properties"]["file"] = {
        "type": "string",
        "format": "binary",
        "description": "The recording: audio, or video with sound, in any usual format.",
    }
    schema["required"] = ["file"]
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions where they are referred to: in the middle of a document nobody finds them."""
    if isinstance(node, list):
        return [_inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: _inlined(value, definitions) for key, value in node.items() if key != "$ref"}
    if "$ref" in node:
        found = _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions) | found
    return found
