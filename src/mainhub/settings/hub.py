"""``[hub]``: where the hub listens, how it is reached, its keys."""

import re
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, SecretStr

from mainhub.settings.address import Address, BaseUrl, Listen, Network
from mainhub.settings.duration import Duration
from mainhub.settings.section import Line, Section, Words

__all__ = ["MAKE_A_KEY", "Hub"]

MAKE_A_KEY: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
_KEY: Final = re.compile(r"[A-Za-z0-9_+/=-]{32,1000}")


def _strong(key: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError(
            "expected at least 32 characters of base64url or hexadecimal text; "
            f"make one: {MAKE_A_KEY}"
        )
    return key


SecretKey = Annotated[SecretStr, AfterValidator(_strong)]


class Hub(Section):
    """How the hub itself runs. *public_url* is ``None`` when it must be set and is not."""

    mode: Literal["production", "development"] = "production"
    listen: Listen = Address("127.0.0.1", 8080)
    public_url: BaseUrl | None = None
    trusted_proxies: Annotated[tuple[Network, ...], Words] = ()
    secret_keys: Annotated[tuple[SecretKey, ...], Words] = ()
    support: Line | None = None
    drain_timeout: Duration = timedelta(seconds=10)
