"""Defaults that follow from other settings."""

from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource
from typing_extensions import override

from mainhub.settings.address import Address, parse_base_url, parse_listen
from mainhub.settings.hub import Hub
from mainhub.settings.identity import SHARED_TENANTS, TENANT
from mainhub.settings.layers import DEFAULT, Source
from mainhub.settings.names import SettingPath

__all__ = ["Derived"]

_SCOPES: Final = ["openid", "profile", "email", "offline_access"]
_GRAPH_SCOPES: Final = ["User.Read", "User.ReadBasic.All"]
_LOCAL: Final = ("127.0.0.1", "::1")


class Derived(PydanticBaseSettingsSource):
    """The lowest layer: reads what the others have said, unchecked as it still is."""

    __name__ = "derived"

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[None, str, bool]:
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        hub = _table(self.current_state, "hub")
        public_url = _public_url(hub)
        identity = {
            name: _provider(name, provider, public_url)
            for name, provider in _table(self.current_state, "identity").items()
            if isinstance(provider, dict)
        }
        development = hub.get("mode") == "development"
        return {
            "hub": {"public_url": public_url} if public_url else {},
            "identity": identity,
            "telemetry": {"log_format": "console" if development else "json"},
        }

    def source_of(self, path: SettingPath) -> Source:
        """Say that it is a default, whatever *path*."""
        del path
        return DEFAULT


def _public_url(hub: dict[str, Any]) -> str | None:
    """Return the URL that people open: as set, or on this machine when only it is listened to."""
    try:
        if "public_url" in hub:
            return parse_base_url(hub["public_url"])
        listen = parse_listen(hub.get("listen", Hub.model_fields["listen"].default))
    except ValueError:
        return None
    if not listen.is_loopback:
        return None
    host = "localhost" if listen.host in _LOCAL else listen.host
    return parse_base_url(f"http://{Address(host, listen.port)}")


def _provider(name: str, provider: dict[str, Any], public_url: str | None) -> dict[str, Any]:
    entra = provider.get("kind") == "entra"
    derived: dict[str, Any] = {
        "title": "Microsoft Entra ID" if entra else name,
        "scopes": [*_SCOPES, *_GRAPH_SCOPES] if entra else _SCOPES,
    }
    tenant = provider.get("tenant")
    known = isinstance(tenant, str) and (TENANT.fullmatch(tenant) or tenant in SHARED_TENANTS)
    if entra and known:
        derived["issuer"] = f"https://login.microsoftonline.com/{str(tenant).lower()}/v2.0"
    if entra:
        derived["graph"] = "https://graph.microsoft.com"
    if public_url:
        derived["redirect_uri"] = f"{public_url}/auth/callback/{name}"
        derived["post_logout_uri"] = f"{public_url}/auth/signed-out"
    return derived


def _table(state: dict[str, Any], key: str) -> dict[str, Any]:
    table = state.get(key)
    return table if isinstance(table, dict) else {}
