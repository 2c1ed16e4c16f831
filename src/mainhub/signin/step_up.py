"""What is asked of the provider when a session must prove more than it has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mainhub.errors import Invalid
from mainhub.identity import Person
from mainhub.sessions import Session, Tokens
from mainhub.signin.failures import AnswerRefused, FlowGone
from mainhub.signin.trusted import Provider
from mainhub.web import read_encoded_claims

__all__ = ["StepUp", "handed_on", "is_same_person", "require_same_person"]

_MOST_SCOPES: Final = 20


@dataclass(frozen=True, slots=True)
class StepUp:
    """*claims* (JSON, OpenID Connect Core, section 5.5) and *scopes* that are asked for.

    *prompt* is ``login`` where neither says what is missing: then the person proves again who
    they are.
    """

    claims: str | None
    scopes: tuple[str, ...]

    @property
    def prompt(self) -> str | None:
        """Return what the provider is told to ask."""
        return None if self.claims or self.scopes else "login"

    @classmethod
    def read(
        cls, *, claims: str | None, scopes: str | None, provider: Provider, known: Iterable[str]
    ) -> "StepUp":
        """Read it from an address: *claims* in base64url, *scopes* with spaces between.

        Args:
            claims: a claims challenge, as the problem ``step-up-needed`` hands it on.
            scopes: what a token is needed for.
            provider: whose client id stands for ``{client_id}`` in scopes.
            known: the scopes of this hub's services; nobody is asked to consent to others.

        Raises:
            Invalid: the claims are no JSON object of at most 4 KB, or a scope is not *known*.
        """
        wanted = tuple(dict.fromkeys(_named(scope, provider) for scope in (scopes or "").split()))
        open_to = {_named(scope, provider) for scope in known} | set(provider.scopes)
        if len(wanted) > _MOST_SCOPES or not open_to.issuperset(wanted):
            raise Invalid("The scopes are not those of a service of this hub.")
        return cls(_read_claims(claims) if claims else None, wanted)


def require_same_person(session: Session | None, person: Person) -> Session:
    """Return the *session* that the browser has now, if *person*, who came back, is whose it is.

    It need not be the one that asked: another tab may have stepped up, or signed in, meanwhile.

    Raises:
        FlowGone: the browser has none any more.
        AnswerRefused: somebody else came back.
    """
    if session is None:
        raise FlowGone("the session that was to prove more has ended")
    if not is_same_person(session, person):
        raise AnswerRefused("another person came back from the step up")
    return session


def is_same_person(session: Session, person: Person) -> bool:
    """Say whether *session* is that of *person*, whom the same provider vouches for."""
    return (session.person.id, session.person.provider) == (person.id, person.provider)


def handed_on(session: Session, tokens: Tokens) -> Tokens:
    """Return *tokens* as those of the session that takes the place of *session*.

    It belongs to the same family. A refresh token goes on where the provider gave no new one, and
    so do the tokens of other services.
    """
    before = session.tokens
    return replace(
        tokens,
        refresh=tokens.refresh or before.refresh,
        access=before.access | tokens.access,
        sid=tokens.sid or before.sid,
        login_hint=tokens.login_hint or before.login_hint,
        identity=tokens.identity if tokens.refresh else before.identity,
        nonce=tokens.nonce if tokens.refresh else before.nonce,
        family=session.family,
    )


def _named(scope: str, provider: Provider) -> str:
    return scope.replace("{client_id}", provider.client_id)


def _read_claims(encoded: str) -> str:
    claims = read_encoded_claims(encoded)
    if claims is None:
        raise Invalid("The claims are no JSON object of at most 4 KB in base64url.")
    return claims
