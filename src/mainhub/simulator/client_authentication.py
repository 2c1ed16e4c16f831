"""How the application proves itself at the token endpoint (RFC 6749, 2.3)."""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import unquote_plus

from mainhub.simulator.errors import EntraError
from mainhub.simulator.registration import Registration


def authenticate(
    registration: Registration, parameters: Mapping[str, str], *, authorization: str | None
) -> None:
    """Check client_secret_basic or client_secret_post, never both, in constant time.

    Raises:
        EntraError: no client (900144), an unknown one (700016), no secret (7000218), a wrong
            one (7000215).
    """
    client_id = parameters.get("client_id")
    secret = parameters.get("client_secret")
    if authorization is not None:
        named, basic_secret = _basic(authorization)
        if secret is not None or client_id not in {None, named}:
            raise EntraError.malformed("The client is authenticated in more than one way.")
        client_id, secret = named, basic_secret
    if client_id is None:
        raise EntraError.missing("client_id")
    if client_id != registration.client_id:
        raise EntraError.unknown_client(client_id)
    if secret is None:
        raise EntraError.invalid_client(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        )
    if not hmac.compare_digest(secret.encode(), registration.client_secret.encode()):
        raise EntraError.invalid_client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            f"client secret value, not the client secret ID, for the app '{client_id}'.",
        )


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise EntraError.malformed("Only the Authorization scheme Basic is known here.")
    try:
        name, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise EntraError.malformed("The Authorization header is not readable.") from error
    if not colon:
        raise EntraError.malformed("The Authorization header is not readable.")
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(secret)
