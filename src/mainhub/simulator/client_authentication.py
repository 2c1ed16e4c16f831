"""How an application proves itself at the token endpoint (RFC 6749, 2.3; RFC 7523, 2.2)."""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import unquote_plus

from mainhub.simulator.client_assertion import ASSERTION_TYPE, check_assertion, issuer_of
from mainhub.simulator.errors import EntraError
from mainhub.simulator.realms import Realm
from mainhub.simulator.registration import Registration, ServiceApplication
from mainhub.simulator.tenant import Tenant

Client = Registration | ServiceApplication


def authenticate(
    tenant: Tenant, parameters: Mapping[str, str], *, authorization: str | None, realm: Realm
) -> Client:
    """Return who asks, once it has proved itself in exactly one way, in constant time.

    By client_secret_basic, client_secret_post, private_key_jwt or a federated assertion.

    Raises:
        EntraError: no client (900144), an unknown one (700016), no proof (7000218), a wrong
            secret (7000215) or assertion.
    """
    assertion = parameters.get("client_assertion")
    client_id, secret = _claimed(parameters, authorization)
    client = _known(tenant.registration, client_id)
    if assertion is not None:
        _require_assertion(tenant, parameters, client, realm)
    elif secret is None:
        raise EntraError.invalid_client(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        )
    elif not hmac.compare_digest(secret.encode(), client.client_secret.encode()):
        raise EntraError.wrong_secret(client_id)
    return client


def _claimed(parameters: Mapping[str, str], authorization: str | None) -> tuple[str, str | None]:
    """Return who the application says it is, and its secret, if it shows one."""
    client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
    assertion = parameters.get("client_assertion")
    ways = [one for one in (authorization, secret, assertion) if one is not None]
    if len(ways) > 1:
        raise EntraError.malformed("The client is authenticated in more than one way.")
    if authorization is not None:
        named, secret = _basic(authorization)
        if client_id not in {None, named}:
            raise EntraError.malformed("The client is authenticated in more than one way.")
        return named, secret
    if client_id is None and assertion is not None:
        client_id = issuer_of(assertion)
    if client_id is None:
        raise EntraError.missing("client_id")
    return client_id, secret


def _require_assertion(
    tenant: Tenant, parameters: Mapping[str, str], client: Client, realm: Realm
) -> None:
    if parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise EntraError.malformed(f"The client_assertion_type must be '{ASSERTION_TYPE}'.")
    if not isinstance(client, Registration):
        raise EntraError.invalid_client(700027, "The application has no certificate.")
    now = tenant.clock().timestamp()
    check_assertion(parameters["client_assertion"], client, audiences=_audiences(realm), now=now)


def _known(registration: Registration, client_id: str) -> Client:
    clients: tuple[Client, ...] = (registration, *registration.services)
    for client in clients:
        if client.client_id == client_id:
            return client
    raise EntraError.unknown_client(client_id)


def _audiences(realm: Realm) -> frozenset[str]:
    """Return whom an assertion may be meant for: the issuer, or an endpoint of this realm."""
    root = f"{realm.base_url}/{realm.path}/oauth2"
    return frozenset({realm.issuer, f"{root}/v2.0/token", f"{root}/token", f"{root}/v2.0/par"})


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
