"""What the documents show of a stack is right."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stack.parse import parse

ROOT = Path(__file__).parents[3]
NAMESPACE = "gitlab-keyvault:"
STACK: dict[str, Any] = {
    "location": "westeurope",
    "resource_group": "rg",
    "vault": {"name": "kv-docs"},
    "projects": [{"path": "acme/shop", "secrets": {"KEY": "key"}}],
}


def shown() -> list[str]:
    """Return each YAML block of the documents that sets keys of a stack."""
    texts = [path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    blocks = [block for text in texts for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    return [block for block in blocks if NAMESPACE in block]


def test_the_documents_show_stacks():
    assert len(shown()) >= 5


@pytest.mark.parametrize("block", shown())
def test_a_stack_that_a_document_shows_has_no_mistake(block: str):
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000000/"
    given = yaml.safe_load(block.replace("/subscriptions/…/", subscription))
    values = {key.removeprefix(NAMESPACE): value for key, value in given.get("config", given).items()}
    assert parse({**STACK, **values}).projects
