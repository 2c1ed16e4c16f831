from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest

from mainhub.settings import Configuration, Settings, SettingsInvalid, load

KEY = "k" * 43
HIDDEN = "never-to-be-shown"


def read(
    toml: str | None = None, *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Configuration:
    config = None
    if toml is not None and folder is not None:
        config = folder / "mainhub.toml"
        config.write_text(toml, encoding="utf-8")
    return load(config=config, environ=environ or {})


def source(configuration: Configuration, path: str) -> str:
    return {row.path: row.source for row in configuration.rows()}[path]


def shown(configuration: Configuration, path: str) -> str | None:
    return {row.path: row.value for row in configuration.rows()}[path]


def test_needs_nothing_to_have_defaults() -> None:
    configuration = read()
    settings = configuration.settings
    assert str(settings.hub.listen) == "127.0.0.1:8080"
    assert settings.hub.public_url == "http://localhost:8080"
    assert settings.telemetry.log_format == "json"
    assert {row.source for row in configuration.rows()} == {"default"}


def test_each_layer_wins_over_those_below_it_and_is_named(tmp_path: Path) -> None:
    config = tmp_path / "mainhub.toml"
    secret_file = tmp_path / "secret"
    preset: dict[str, object] = {"identity": {"entra": {"kind": "entra", "client_id": "preset"}}}
    path = "identity.entra.client_id"
    configuration = load(config=None, environ={}, preset=preset)
    assert (shown(configuration, path), source(configuration, path)) == ("preset", "mainhub dev")

    config.write_text('[identity.entra]\n\nclient_id = "file"\n', encoding="utf-8")
    configuration = load(config=config, environ={}, preset=preset)
    assert (shown(configuration, path), source(configuration, path)) == ("file", f"{config}:3")
    assert source(configuration, "identity.entra.kind") == "mainhub dev"

    environ = {"AZURE_CLIENT_ID": "azure", "AZURE_CLIENT_SECRET": HIDDEN}
    configuration = load(config=config, environ=environ, preset=preset)
    assert (shown(configuration, path), source(configuration, path)) == (
        "azure",
        "environment AZURE_CLIENT_ID",
    )

    environ["MAINHUB_IDENTITY__ENTRA__CLIENT_ID"] = "ours"
    configuration = load(config=config, environ=environ, preset=preset)
    assert (shown(configuration, path), source(configuration, path)) == (
        "ours",
        "environment MAINHUB_IDENTITY__ENTRA__CLIENT_ID",
    )

    secret_file.write_text("from-a-file\n", encoding="utf-8")
    environ["MAINHUB_IDENTITY__ENTRA__CLIENT_SECRET_FILE"] = str(secret_file)
    overrides = {"identity": {"entra": {"client_id": "typed"}}}
    configuration = load(config=config, environ=environ, preset=preset, overrides=overrides)
    assert (shown(configuration, path), source(configuration, path)) == ("typed", "command line")
    client_secret = configuration.settings.identity["entra"].client_secret
    assert client_secret is not None
    assert client_secret.get_secret_value() == "from-a-file"
    assert source(configuration, "identity.entra.client_secret") == (
        f"file {secret_file} (MAINHUB_IDENTITY__ENTRA__CLIENT_SECRET_FILE)"
    )


def test_understands_the_names_of_the_azure_world() -> None:
    configuration = read(
        environ={
            "AZURE_TENANT_ID": "8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24",
            "AZURE_CLIENT_ID": "id",
            "AZURE_CLIENT_SECRET": HIDDEN,
            "AZURE_REDIRECT_URI": "https://hub.example.com/auth/callback/entra",
            "AZURE_POST_LOGOUT_URI": "https://hub.example.com/bye",
            "DATABASE_URL": "sqlite:///x.db",
        }
    )
    entra = configuration.settings.identity["entra"]
    assert entra.kind == "entra"
    assert (
        entra.issuer
        == "https://login.microsoftonline.com/8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24/v2.0"
    )
    assert entra.redirect_uri == "https://hub.example.com/auth/callback/entra"
    assert entra.post_logout_uri == "https://hub.example.com/bye"
    assert source(configuration, "identity.entra.kind") == "environment AZURE_TENANT_ID"
    assert shown(configuration, "database.url") == "sqlite+aiosqlite:///x.db"
    assert source(configuration, "database.url") == "environment DATABASE_URL"


def test_ignores_vendor_names_when_told_to_and_names_them() -> None:
    configuration = load(
        config=None,
        environ={"AZURE_TENANT_ID": "nonsense value", "DATABASE_URL": "mysql://x", "AZURE_X": "y"},
        vendor_names=False,
    )
    assert configuration.settings.identity == {}
    assert configuration.ignored == ("AZURE_TENANT_ID", "DATABASE_URL")


def test_takes_a_name_with_a_dash_from_the_environment() -> None:
    configuration = read(
        environ={
            "MAINHUB_IDENTITY__MY_IDP__KIND": "oidc",
            "MAINHUB_IDENTITY__MY_IDP__ISSUER": "https://id.example.com",
        }
    )
    provider = configuration.settings.identity["my-idp"]
    assert (provider.title, provider.redirect_uri) == (
        "my-idp",
        "http://localhost:8080/auth/callback/my-idp",
    )


@pytest.mark.parametrize("text", ["10.0.0.0/8,fd00::/8", '["10.0.0.0/8", "fd00::/8"]'])
def test_takes_a_list_from_one_variable(text: str) -> None:
    settings = read(environ={"MAINHUB_HUB__TRUSTED_PROXIES": text}).settings
    assert settings.hub.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_reads_one_key_per_line_from_a_file(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"{KEY}\n{'o' * 32}\n", encoding="utf-8")
    settings = read(environ={"MAINHUB_HUB__SECRET_KEYS_FILE": str(keys)}).settings
    assert [key.get_secret_value() for key in settings.hub.secret_keys] == [KEY, "o" * 32]


def test_leaves_switches_of_tools_and_empty_variables_alone() -> None:
    environ = {"MAINHUB_DEBUG": "1", "MAINHUB_HUB": "{}", "MAINHUB_HUB__LISTEN": "", "PATH": "x"}
    assert {row.source for row in read(environ=environ).rows()} == {"default"}


def test_development_logs_for_people() -> None:
    settings = read(environ={"MAINHUB_HUB__MODE": "development"}).settings
    assert settings.telemetry.log_format == "console"


def test_asks_for_a_public_url_only_where_others_reach_the_hub() -> None:
    assert read(environ={"MAINHUB_HUB__LISTEN": "0.0.0.0:80"}).settings.hub.public_url is None
    settings = read(environ={"MAINHUB_HUB__LISTEN": "[::1]:80"}).settings
    assert settings.hub.public_url == "http://localhost"


def test_puts_the_client_id_into_a_services_scopes() -> None:
    settings = read(
        environ={
            "MAINHUB_GATEWAY__SERVICES__ORDERS__UPSTREAMS": "http://127.0.0.1:9000",
            "MAINHUB_GATEWAY__SERVICES__ORDERS__SCOPES": "api://{client_id}/access_as_user",
        }
    ).settings
    assert settings.gateway.services["orders"].roles == ()


def test_never_shows_a_secret() -> None:
    configuration = read(
        environ={
            "AZURE_TENANT_ID": "8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24",
            "AZURE_CLIENT_SECRET": HIDDEN,
            "MAINHUB_HUB__SECRET_KEYS": f"{HIDDEN * 3},{HIDDEN * 4}",
            "DATABASE_URL": f"postgres://hub:{HIDDEN}@db/hub?sslpassword={HIDDEN}",
        }
    )
    rows = {row.path: row for row in configuration.rows()}
    assert rows["identity.entra.client_secret"].value == "********"
    assert rows["identity.entra.client_secret"].secret
    assert rows["hub.secret_keys"].value == "********, ********"
    assert rows["database.url"].value == "postgresql+asyncpg://hub:********@db/hub?********"
    assert HIDDEN not in repr(configuration)
    assert HIDDEN not in repr(configuration.rows())
    assert HIDDEN not in str(configuration.settings)


def test_reading_the_tree_directly_does_not_read_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB", "nonsense")
    assert Settings().hub.mode == "production"


def test_serving_needs_everything_named_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(
            environ={"MAINHUB_HUB__LISTEN": "0.0.0.0:80", "DATABASE_URL": "postgresql://db/hub"}
        ).settings.require_serving()
    provider, keys, url = caught.value.problems
    assert (
        "identity.NAME.tenant (or AZURE_TENANT_ID), client_id (or AZURE_CLIENT_ID), "
        "client_secret (or AZURE_CLIENT_SECRET)"
    ) in provider
    assert 'python -c "import secrets; print(secrets.token_urlsafe(32))"' in keys
    assert "hub.public_url" in url


def test_serving_names_what_a_provider_lacks() -> None:
    configuration = read(
        environ={
            "AZURE_TENANT_ID": "8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24",
            "MAINHUB_IDENTITY__OTHER__KIND": "oidc",
            "MAINHUB_HUB__SECRET_KEYS": KEY,
        }
    )
    with pytest.raises(SettingsInvalid) as caught:
        configuration.settings.require_serving()
    assert caught.value.problems == (
        (
            "identity.entra is not complete: set identity.entra.client_id (or AZURE_CLIENT_ID), "
            "identity.entra.client_secret (or AZURE_CLIENT_SECRET)"
        ),
        (
            "identity.other is not complete: set identity.other.issuer, identity.other.client_id, "
            "identity.other.client_secret"
        ),
    )


def test_serving_has_all_it_needs() -> None:
    configuration = read(
        environ={
            "AZURE_TENANT_ID": "8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24",
            "AZURE_CLIENT_ID": "id",
            "AZURE_CLIENT_SECRET": HIDDEN,
            "MAINHUB_HUB__SECRET_KEYS": KEY,
        }
    )
    serving = configuration.settings.require_serving()
    (provider,) = serving.providers
    assert serving.public_url == "http://localhost:8080"
    assert provider.name == "entra"
    assert provider.title == "Microsoft Entra ID"
    assert provider.redirect_uri == "http://localhost:8080/auth/callback/entra"
    assert provider.post_logout_uri == "http://localhost:8080/auth/signed-out"
    assert "User.ReadBasic.All" in provider.scopes
    assert HIDDEN not in repr(serving)
