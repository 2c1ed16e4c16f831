"""The one application registered in the tenant."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An app registration: the hub as the tenant knows it.

    The URIs are compared character by character; there are no wildcards.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()

    @property
    def application_id_uri(self) -> str:
        """Return the prefix of the application's own scopes."""
        return f"api://{self.client_id}"
