from pathlib import Path

import pytest

from mainhub.settings import documented_paths
from mainhub.settings.environment import VENDOR_NAMES
from mainhub.settings.names import variable

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.mark.parametrize("path", documented_paths())
def test_every_setting_is_documented_with_its_variable(path: str) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    assert f"`{path}`" in text
    assert f"`{variable(tuple(path.split('.')))}`" in text


@pytest.mark.parametrize("name", VENDOR_NAMES)
def test_every_vendor_name_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENTATION.read_text(encoding="utf-8")


def test_documents_no_setting_that_does_not_exist() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    headings = [line[4:].strip("` ") for line in text.splitlines() if line.startswith("### ")]
    assert headings == documented_paths()
