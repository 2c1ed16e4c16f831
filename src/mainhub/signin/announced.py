"""What a provider says of itself, beside what the hub needs of it."""

from collections.abc import Iterator, Mapping
from typing import Final

from mainhub.health import Diagnosis, Verdict
from mainhub.signin.metadata import Metadata
from mainhub.signin.provider import asked_of
from mainhub.signin.trusted import Provider

__all__ = ["announced", "listed", "taken"]

_DOCS: Final = "docs/signin.md"


def announced(provider: Provider, document: Mapping[str, object]) -> list[Diagnosis]:
    """Return what the discovery document says of what the hub needs."""
    found = []
    methods = document.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        found.append(
            Diagnosis(
                "The provider does not take PKCE with S256.",
                Verdict.FAILED,
                f"it says that it takes {listed(methods)}",
                "The hub signs nobody in without it; ask the provider's operator.",
                _DOCS,
            )
        )
    signed = document.get("id_token_signing_alg_values_supported")
    if isinstance(signed, list) and not any(one in signed for one in provider.algorithms):
        found.append(
            Diagnosis(
                "The provider signs with none of the algorithms in the settings.",
                Verdict.FAILED,
                f"it signs with {listed(signed)}; accepted: {listed(provider.algorithms)}",
                f"Set identity.{provider.name}.algorithms.",
                "docs/settings.md",
            )
        )
    scopes = document.get("scopes_supported")
    if "offline_access" not in provider.scopes:
        found.append(_no_refresh(f"identity.{provider.name}.scopes does not ask for it"))
    elif isinstance(scopes, list) and "offline_access" not in scopes:
        found.append(_no_refresh("the provider does not say that it takes this scope"))
    if document.get("authorization_response_iss_parameter_supported") is True:
        found.append(Diagnosis("The provider names itself in its answers (RFC 9207)."))
    if document.get("end_session_endpoint") is None:
        found.append(
            Diagnosis(
                "Signing out ends the session here, not at the provider.",
                Verdict.WARNING,
                "it publishes no end_session_endpoint",
                "Tell people that another sign-in may not ask for a password.",
            )
        )
    return found


def _no_refresh(cause: str) -> Diagnosis:
    return Diagnosis(
        "Services may get no token after the first hour: offline_access is missing.",
        Verdict.WARNING,
        cause,
        "Ask for offline_access, and allow it for the client at the provider.",
        _DOCS,
    )


def taken(provider: Provider, metadata: Metadata) -> Iterator[Diagnosis]:
    """Yield what *provider* makes of how the hub proves itself, and of pushed requests."""
    yield _method(provider, metadata)
    endpoint = metadata.pushed_authorization_request_endpoint
    if metadata.requires_pushed and provider.par == "never":
        yield Diagnosis(
            "Requests are pushed, although the settings say never.",
            Verdict.WARNING,
            "the provider takes no others",
            f"Remove identity.{provider.name}.par.",
            _DOCS,
        )
    elif endpoint is not None and provider.par != "never":
        yield Diagnosis("Requests are pushed to the provider (RFC 9126).")


def _method(provider: Provider, metadata: Metadata) -> Diagnosis:
    asked = asked_of(provider, metadata)
    way, said = provider.authentication.method(asked), metadata.authentication_methods
    if said is None or way in said:
        algorithm = provider.authentication.algorithm(asked)
        algorithms = metadata.authentication_algorithms
        if algorithm is None or algorithms is None or algorithm in algorithms:
            return Diagnosis(f"The hub proves itself by {way}.")
        way, said = f"{way} with {algorithm}", algorithms
    return Diagnosis(
        f"The hub proves itself by {way}, which the provider does not say that it takes.",
        Verdict.WARNING,
        f"it says that it takes {listed(said)}",
        f"Choose another way in identity.{provider.name}, or ask the provider's operator.",
        _DOCS,
    )


def listed(words: object) -> str:
    """Return *words*, as a provider wrote them, for people."""
    given = words if isinstance(words, (list, tuple)) else ()
    return ", ".join(dict.fromkeys(str(word)[:40] for word in given)) or "nothing"
