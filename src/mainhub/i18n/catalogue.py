"""The words of the server-rendered pages; every key exists in both languages (a test says so)."""

from typing import Final, Literal

__all__ = ["CATALOGUE", "LOCALES", "Locale", "translate"]

Locale = Literal["fr", "en"]
LOCALES: Final[tuple[Locale, ...]] = ("fr", "en")

# In French a no-break space stands before ; : ! ? % and inside « ». Written as \u00a0 to be seen.
CATALOGUE: Final[dict[str, dict[Locale, str]]] = {
    "tagline": {
        "fr": "Toutes vos applications, derrière une seule porte.",
        "en": "Everything you work with, behind one door.",
    },
    "no_script": {
        "fr": "MainHub a besoin de JavaScript. Activez-le, puis rechargez la page.",
        "en": "MainHub needs JavaScript. Turn it on, then reload the page.",
    },
    "trace": {"fr": "Trace", "en": "Trace"},
    "answer": {"fr": "Réponse", "en": "Answer"},
    "role": {"fr": "Rôle manquant", "en": "Missing role"},
    "cause": {"fr": "Cause", "en": "Cause"},
    "provider": {"fr": "Fournisseur", "en": "Provider"},
    "home": {"fr": "Accueil", "en": "Home"},
    "sign_in_again": {"fr": "Se connecter à nouveau", "en": "Sign in again"},
    "choose.title": {"fr": "Se connecter", "en": "Sign in"},
    "choose.lead": {
        "fr": "Choisissez le compte avec lequel vous travaillez.",
        "en": "Choose the account that you work with.",
    },
    "choose.note": {
        "fr": "MainHub garde votre session sur son serveur. Aucun jeton n’atteint ce navigateur.",
        "en": "MainHub keeps your session on its own server. No token reaches this browser.",
    },
    "signed_out.title": {"fr": "Vous êtes déconnecté", "en": "You are signed out"},
    "signed_out.lead": {
        "fr": "La session est terminée ici et chez le fournisseur d’identité.",
        "en": "The session has ended here and at the identity provider.",
    },
    "signed_out.here": {
        "fr": "Aucune session n’est ouverte dans ce navigateur. Celle du fournisseur d’identité "
        "peut durer encore.",
        "en": "No session is open in this browser. The identity provider’s own may still last.",
    },
    "unknown.state": {"fr": "Connexion impossible", "en": "Sign-in impossible"},
    "unknown.title": {
        "fr": "Ce fournisseur d’identité n’existe pas ici",
        "en": "There is no such identity provider here",
    },
    "unknown.lead": {
        "fr": "Le lien est peut-être ancien. Recommencez depuis l’accueil.",
        "en": "The link may be old. Start again from the home page.",
    },
    "odd.state": {"fr": "Adresse inutilisable", "en": "Unusable address"},
    "odd.title": {
        "fr": "Ce lien ne mène nulle part",
        "en": "This link leads nowhere",
    },
    "odd.lead": {
        "fr": "Il demande ce que ce hub ne demande pas. Rien n’a changé\u00a0; reprenez depuis la "
        "page.",
        "en": "It asks for what this hub does not ask for. Nothing has changed; start again from "
        "the page.",
    },
    "signed_in.title": {"fr": "Vous êtes encore connecté", "en": "You are still signed in"},
    "signed_in.lead": {
        "fr": "Une session est ouverte dans ce navigateur. Le menu de votre compte la termine.",
        "en": "A session is open in this browser. The menu of your account ends it.",
    },
    "down.state": {"fr": "Connexion indisponible", "en": "Sign-in unavailable"},
    "down.title": {
        "fr": "Le fournisseur d’identité ne répond pas",
        "en": "The identity provider is not answering",
    },
    "down.lead": {
        "fr": "MainHub ne peut vérifier qui vous êtes sans lui. Les sessions déjà ouvertes "
        "continuent. Réessayez dans un instant.",
        "en": "MainHub cannot check who you are without it. Sessions that are already open go on. "
        "Try again in a moment.",
    },
    "busy.state": {"fr": "Trop de connexions", "en": "Too many sign-ins"},
    "busy.title": {
        "fr": "Trop de connexions depuis ce réseau",
        "en": "Too many sign-ins from this network",
    },
    "busy.lead": {
        "fr": "MainHub en limite le nombre dans le temps. Les sessions déjà ouvertes continuent. "
        "Réessayez dans une minute.",
        "en": "MainHub takes so many in so long a time. Sessions that are already open go on. "
        "Try again in a minute.",
    },
    "expired.state": {"fr": "Connexion interrompue", "en": "Sign-in interrupted"},
    "expired.title": {
        "fr": "Cette connexion ne peut pas continuer",
        "en": "This sign-in cannot go on",
    },
    "expired.lead": {
        "fr": "Elle a été commencée il y a plus de dix minutes, dans un autre navigateur, ou elle "
        "a déjà servi. Rien n’est perdu\u00a0: recommencez.",
        "en": "It was begun more than ten minutes ago, in another browser, or it was used already. "
        "Nothing is lost: start again.",
    },
    "failed.state": {"fr": "Connexion refusée", "en": "Sign-in refused"},
    "failed.title": {
        "fr": "La réponse du fournisseur n’a pas été acceptée",
        "en": "The provider’s answer was not accepted",
    },
    "failed.lead": {
        "fr": "MainHub n’a pas pu vérifier que la réponse vient du fournisseur et vous est "
        "destinée. Personne n’a été connecté.",
        "en": "MainHub could not verify that the answer comes from the provider and is meant for "
        "you. Nobody was signed in.",
    },
    "declined.title": {
        "fr": "Le fournisseur ne vous a pas connecté",
        "en": "The provider did not sign you in",
    },
    "declined.lead": {
        "fr": "Il a répondu par un refus. Recommencez, ou choisissez un autre compte.",
        "en": "It answered with a refusal. Start again, or choose another account.",
    },
    "database.state": {"fr": "Base de données indisponible", "en": "Database unavailable"},
    "database.title": {
        "fr": "MainHub ne peut pas lire ses données",
        "en": "MainHub cannot read its data",
    },
    "database.lead": {
        "fr": "Votre session n’est pas terminée. Réessayez dans un instant.",
        "en": "Your session has not ended. Try again in a moment.",
    },
    "sessions.state": {
        "fr": "Sessions injoignables",
        "en": "Sessions out of reach",
    },
    "sessions.title": {
        "fr": "Votre session ne peut pas être vérifiée pour l’instant",
        "en": "Your session cannot be checked at the moment",
    },
    "sessions.lead": {
        "fr": "Ce qui garde les sessions ne répond pas. Vous restez connecté. Réessayez dans un "
        "instant.",
        "en": "What keeps the sessions does not answer. You stay signed in. Try again in a moment.",
    },
    "database.nobody": {
        "fr": "Personne n’a été connecté. Réessayez dans un instant.",
        "en": "Nobody was signed in. Try again in a moment.",
    },
    "retry": {"fr": "Réessayer", "en": "Try again"},
    "other_account": {"fr": "Utiliser un autre compte", "en": "Use another account"},
    "back_home": {"fr": "Revenir à la page", "en": "Back to the page"},
    "go_on": {"fr": "Continuer", "en": "Go on"},
    "helps": {"fr": "Ce qui aide", "en": "What helps"},
    "help.ask": {
        "fr": "Demandez l’accès\u00a0: {who}. Joignez la trace, elle dit ce qui s’est passé.",
        "en": "Ask for access: {who}. Quote the trace, which tells what happened.",
    },
    "help.admin": {
        "fr": "Demandez l’accès à l’administration de ce hub. Joignez la trace, elle dit ce qui "
        "s’est passé.",
        "en": "Ask whoever administers this hub for access. Quote the trace, which tells what "
        "happened.",
    },
    "help.again": {
        "fr": "Quand l’accès est accordé, connectez-vous à nouveau.",
        "en": "When it is granted, sign in again.",
    },
    "choose.last": {"fr": "Dernier utilisé", "en": "Last used"},
    "choose.return": {"fr": "Vous reviendrez à", "en": "You will return to"},
    "done.state": {"fr": "Connexion réussie", "en": "Sign-in done"},
    "done.title": {"fr": "Vous êtes connecté", "en": "You are signed in"},
    "done.lead": {
        "fr": "Cette fenêtre se ferme d’elle-même. Sinon, fermez-la, ou continuez ici.",
        "en": "This window closes by itself. If it stays, close it, or go on here.",
    },
    "stepped_up.title": {"fr": "Votre accès est confirmé", "en": "Your access is confirmed"},
    "closed.state": {"fr": "Accès refusé", "en": "Access refused"},
    "guest.title": {
        "fr": "Ce hub n’est pas ouvert aux invités",
        "en": "This hub is not open to guests",
    },
    "guest.lead": {
        "fr": "Le fournisseur a confirmé qui vous êtes. Votre compte est invité dans cette "
        "organisation, et seuls ses propres comptes entrent ici.",
        "en": "The provider confirmed who you are. Your account is a guest of this organisation, "
        "and only accounts of its own may come in.",
    },
    "role.title": {
        "fr": "Vous êtes identifié, mais aucun rôle ne vous ouvre ce hub",
        "en": "You are signed in, but no role opens this hub to you",
    },
    "role.lead": {
        "fr": "Le fournisseur a confirmé qui vous êtes. Il n’a nommé aucun rôle qui ouvre ce hub.",
        "en": "The provider confirmed who you are. It named no role that opens this hub.",
    },
    "step_up.state": {"fr": "Confirmation refusée", "en": "Confirmation refused"},
    "declined.step_up.title": {
        "fr": "Le fournisseur n’a pas confirmé votre accès",
        "en": "The provider did not confirm your access",
    },
    "declined.step_up.lead": {
        "fr": "Il a répondu par un refus. Votre session continue, sans ce qui demandait cette "
        "confirmation.",
        "en": "It answered with a refusal. Your session goes on, without what needed this "
        "confirmation.",
    },
    "failed.step_up.title": {
        "fr": "La confirmation n’a pas été acceptée",
        "en": "The confirmation was not accepted",
    },
    "failed.step_up.lead": {
        "fr": "MainHub n’a pas pu vérifier que la réponse vient du fournisseur et vous est "
        "destinée. Votre session continue comme avant.",
        "en": "MainHub could not verify that the answer comes from the provider and is meant for "
        "you. Your session goes on as before.",
    },
    "expired.step_up.title": {
        "fr": "Cette confirmation ne peut pas continuer",
        "en": "This confirmation cannot go on",
    },
    "expired.step_up.lead": {
        "fr": "Elle a été commencée il y a plus de dix minutes, elle a déjà servi, ou la session "
        "est terminée. Reprenez depuis la page.",
        "en": "It was begun more than ten minutes ago, it was used already, or the session has "
        "ended. Start again from the page.",
    },
}


def translate(locale: Locale, key: str) -> str:
    """Return the words of *key*; a key that does not exist is a programming fault (KeyError)."""
    return CATALOGUE[key][locale]
