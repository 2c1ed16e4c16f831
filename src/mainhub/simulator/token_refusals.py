"""Refusals of the token endpoint that somebody switched on."""

from typing import Final

from mainhub.simulator.claims_request import CONSENT, MFA, demanded_policy
from mainhub.simulator.conduct import Switch
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant
from mainhub.simulator.tenant import Tenant

_OF_THE_APPLICATION: Final = frozenset({"secret-expired", "secret-wrong", "unavailable"})


def refuse_application(tenant: Tenant) -> None:
    """Refuse the application, however well it proved itself, if that is switched on."""
    if tenant.conduct.value(Switch.REFUSAL) not in _OF_THE_APPLICATION:
        return
    client_id = tenant.registration.client_id
    match tenant.conduct.use(Switch.REFUSAL):
        case "secret-expired":
            raise EntraError.invalid_client(
                7000222,
                "The provided client secret keys for app "
                f"'{client_id}' are expired. Create new keys for your app.",
            )
        case "secret-wrong":
            raise EntraError.wrong_secret(client_id)
        case _:
            raise EntraError(
                "temporarily_unavailable",
                90033,
                "A transient error has occurred. Please try again.",
                status=503,
            )


def refuse_code(tenant: Tenant, grant: Grant) -> None:
    """Refuse the code of *grant* as expired if that is switched on."""
    conduct = tenant.conduct
    if conduct.value(Switch.REFUSAL, oid=grant.oid) == "code-expired":
        conduct.use(Switch.REFUSAL, oid=grant.oid)
        raise EntraError.code_expired()


def refuse_person(tenant: Tenant, grant: Grant) -> None:
    """Refuse the person of *grant* if that is switched on and they have not satisfied it."""
    conduct, switch = tenant.conduct, Switch.REFUSAL
    match conduct.value(switch, oid=grant.oid):
        case "mfa" if MFA not in grant.contexts:
            conduct.use(switch, oid=grant.oid)
            raise EntraError.mfa_required(demanded_policy())
        case "consent" if CONSENT not in grant.contexts:
            conduct.use(switch, oid=grant.oid)
            raise EntraError.consent_required(grant.client_id)
        case "consent-as-grant" if CONSENT not in grant.contexts:
            conduct.use(switch, oid=grant.oid)
            raise EntraError.consent_required(grant.client_id, error="invalid_grant")
        case "revoked":
            conduct.use(switch, oid=grant.oid)
            raise EntraError.revoked()
        case _:
            pass
