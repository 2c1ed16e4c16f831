import re
from pathlib import Path

import pytest

from mainhub.settings import documented_paths, load
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


def test_the_settings_file_in_the_documentation_is_valid(tmp_path: Path) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    config = tmp_path / "mainhub.toml"
    config.write_text(example, encoding="utf-8")
    assert load(config=config, environ={}).settings.identity["entra"].kind == "entra"


@pytest.mark.parametrize("path", documented_paths())
def test_every_example_in_the_documentation_is_valid(path: str, tmp_path: Path) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    found = re.search(rf"### `{re.escape(path)}`.*?- Example: `(.*?)`\n", text, re.DOTALL)
    assert found is not None
    example = found[1].replace("…", "k" * 43)
    section, _, key = path.rpartition(".")
    needed = {
        "identity.NAME": 'kind = "oidc"' if key == "issuer" else 'kind = "entra"',
        "access.roles.NAME": 'role = "Buyer"',
        "access.groups.NAME": 'id = "purchasing"',
        "gateway.services.NAME": 'upstreams = "http://127.0.0.1:9000"',
        "events.types.NAME": 'type = "a:b"\npublish = "*"\naudience = "*"',
    }
    if key == "tenants":
        example = f'{example}\ntenant = "organizations"'
    if key == "slow_rate":
        example = f'{example}\nslow_after = "1s"'
    lines = [f"[{section.replace('NAME', 'entra')}]", example]
    for named, wanted in needed.items():
        if section != named and section.startswith(named):
            lines.append(f"[{named.replace('NAME', 'entra')}]")
        if section.startswith(named):
            lines += [line for line in wanted.splitlines() if not line.startswith(f"{key} =")]
    if path in ("redis.password", "redis.database"):
        lines.append('url = "redis://redis.example.com"')
    if path == "sessions.store":
        lines += ["[redis]", 'url = "redis://redis.example.com"']
    if key == "provider":
        lines += ["[identity.entra]", 'kind = "entra"']
    config = tmp_path / "mainhub.toml"
    config.write_text("\n".join(lines), encoding="utf-8")
    assert load(config=config, environ={}).rows()
