"""Every address that a hub answers, so that documentation can be held against it."""

from typing import Final

from mainhub.app.composition import compose
from mainhub.frontends import Build
from mainhub.settings import load

__all__ = ["public_urls"]

# A hub that could be composed anywhere; nothing of it is ever opened.
_ANY: Final[dict[str, object]] = {
    "hub": {"secret_keys": ["-" * 32]},
    "identity": {
        "any": {"kind": "oidc", "issuer": "https://any", "client_id": "-", "client_secret": "-"}
    },
}
_NO_BUILD: Final = {
    "boot": {"file": "", "css": []},
    "fluent": {"file": ""},
    "imports": {},
    "frontends": {},
    "pages": {"css": ""},
    "icon": "",
    "integrity": {},
}


def public_urls() -> list[str]:
    """Return the paths, with ``{name}`` where they vary."""
    configuration = load(config=None, environ={}, preset=_ANY, vendor_names=False)
    return compose(configuration, build=Build(_NO_BUILD, {})).urls
