"""What the tenant refuses, in Microsoft's words.

The AADSTS numbers and their sentences follow Microsoft's list of error codes from memory and are
unverified, apart from 70011; the shape of the answer is verified. As Microsoft says itself: an
application never branches on the number, only on ``error``.
"""

from datetime import datetime
from typing import Self


class EntraError(Exception):
    """A refusal: an OAuth error (RFC 6749, 5.2), an AADSTS number and a sentence.

    *claims* is what the application must ask for at the authorize endpoint, *suberror* a hint at
    what the person has to do; both are absent from most refusals.
    """

    def __init__(
        self,
        error: str,
        number: int,
        sentence: str,
        *,
        status: int = 400,
        claims: str | None = None,
        suberror: str | None = None,
    ) -> None:
        super().__init__(f"AADSTS{number}: {sentence}")
        self.error = error
        self.number = number
        self.sentence = sentence
        self.status = status
        self.claims = claims
        self.suberror = suberror

    def description(self, *, trace_id: str, correlation_id: str, at: datetime) -> str:
        """Return the text of ``error_description``: four lines, the last three for support."""
        return (
            f"AADSTS{self.number}: {self.sentence}\r\nTrace ID: {trace_id}\r\n"
            f"Correlation ID: {correlation_id}\r\nTimestamp: {_timestamp(at)}"
        )

    def body(self, *, trace_id: str, correlation_id: str, at: datetime) -> dict[str, object]:
        """Return the JSON that the token endpoint answers."""
        told: dict[str, object] = {
            "error": self.error,
            "error_description": self.description(
                trace_id=trace_id, correlation_id=correlation_id, at=at
            ),
            "error_codes": [self.number],
            "timestamp": _timestamp(at),
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
        more = {"suberror": self.suberror, "claims": self.claims}
        return told | {name: value for name, value in more.items() if value is not None}

    @classmethod
    def missing(cls, parameter: str) -> Self:
        """Return the refusal of a request without *parameter*."""
        return cls(
            "invalid_request",
            900144,
            f"The request body must contain the following parameter: '{parameter}'.",
        )

    @classmethod
    def malformed(cls, sentence: str) -> Self:
        """Return the refusal of a request that cannot be understood."""
        return cls("invalid_request", 9002313, f"Invalid request. {sentence}")

    @classmethod
    def unknown_tenant(cls, tenant: str) -> Self:
        """Return the refusal of a path that names another tenant."""
        return cls(
            "invalid_tenant",
            90002,
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and "
            "are signing into the correct cloud.",
        )

    @classmethod
    def unknown_client(cls, client_id: str) -> Self:
        """Return the refusal of an application that is not registered."""
        return cls(
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory.",
        )

    @classmethod
    def unknown_redirect(cls, redirect_uri: str, client_id: str) -> Self:
        """Return the refusal of a redirect URI that is not registered; never sent there."""
        return cls(
            "invalid_request",
            50011,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the "
            f"redirect URIs configured for the application '{client_id}'.",
        )

    @classmethod
    def invalid_scope(cls, scope: str) -> Self:
        """Return the refusal of a scope that does not exist."""
        return cls(
            "invalid_scope",
            70011,
            f"The provided value for the input parameter 'scope' is not valid. The scope '{scope}' "
            "does not exist.",
        )

    @classmethod
    def mixed_scopes(cls) -> Self:
        """Return the refusal of one token for two resources."""
        return cls(
            "invalid_scope",
            28000,
            "Provided value for the input parameter scope is not valid because it contains more "
            "than one resource. Scopes of one resource can be requested at a time.",
        )

    @classmethod
    def unknown_resource(cls, resource: str) -> Self:
        """Return the refusal of a scope of another application's."""
        return cls(
            "invalid_resource",
            500011,
            f"The resource principal named {resource} was not found in the tenant.",
        )

    @classmethod
    def login_required(cls) -> Self:
        """Return the answer to ``prompt=none`` when nobody is signed in."""
        return cls(
            "login_required",
            50058,
            "A silent sign-in request was sent but no user is signed in.",
        )

    @classmethod
    def choice_required(cls) -> Self:
        """Return the answer to ``prompt=none`` when several people are signed in."""
        return cls(
            "interaction_required",
            16000,
            "Either multiple user identities are available for the current request or selected "
            "account is not supported for the scenario.",
        )

    @classmethod
    def mfa_required(cls, claims: str | None = None) -> Self:
        """Return the refusal of who has not used a second factor; *claims* is what to ask for."""
        return cls(
            "interaction_required",
            50076,
            "Due to a configuration change made by your administrator, or because you moved to a "
            "new location, you must use multi-factor authentication to access the resource.",
            claims=claims,
            suberror="basic_action",
        )

    @classmethod
    def consent_required(cls, client_id: str, *, error: str = "interaction_required") -> Self:
        """Return the refusal of what nobody has consented to; the *error* varies in life."""
        return cls(
            error,
            65001,
            "The user or administrator has not consented to use the application with ID "
            f"'{client_id}'. Send an interactive authorization request for this user and resource.",
            suberror="consent_required",
        )

    @classmethod
    def invalid_grant(cls, number: int, sentence: str) -> Self:
        """Return the refusal of a code or refresh token."""
        return cls("invalid_grant", number, sentence)

    @classmethod
    def revoked(cls) -> Self:
        """Return the refusal of a refresh token that was revoked, as after a new password."""
        return cls(
            "invalid_grant",
            50173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
            "The user might have changed or reset their password.",
        )

    @classmethod
    def code_expired(cls) -> Self:
        """Return the refusal of a code that came too late."""
        return cls(
            "invalid_grant", 70008, "The provided authorization code has expired. Send a new one."
        )

    @classmethod
    def wrong_secret(cls, client_id: str) -> Self:
        """Return the refusal of a client secret that is not the application's."""
        return cls.invalid_client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            f"client secret value, not the client secret ID, for the app '{client_id}'.",
        )

    @classmethod
    def invalid_client(cls, number: int, sentence: str) -> Self:
        """Return the refusal of an application that did not prove itself."""
        return cls("invalid_client", number, sentence, status=401)


def _timestamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
