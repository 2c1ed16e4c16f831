"""The words of the tenant's pages, French and English, and which of the two a person gets."""

from typing import Final, Literal

from starlette.requests import Request

Locale = Literal["fr", "en"]

TEXTS: Final[dict[Locale, dict[str, str]]] = {
    "en": {
        "provider": "Simulated Microsoft Entra ID",
        "notice": "A development stand-in: no password, no real account, nothing leaves this "
        "machine.",
        "tenant": "Hautemer tenant",
        "pick_title": "Pick an account",
        "pick_lead": "You will return to {application}.",
        "pick_group": "Accounts of the tenant",
        "signed_in": "Signed in",
        "no_role": "No role",
        "guest": "Guest",
        "cancel": "Cancel",
        "other_language": "Français",
        "about": "About this page",
        "mfa_title": "Confirm that it is you",
        "mfa_lead": "{application} asks for a second factor. In real life your phone would ring; "
        "here you say so yourself.",
        "mfa_do": "Yes, it is me",
        "consent_title": "Allow this application?",
        "consent_lead": "{application} asks to act in your name.",
        "consent_do": "Allow",
        "out_title": "Which account do you want to sign out of?",
        "out_lead": "The account leaves this browser; the others stay signed in.",
        "out_group": "Signed-in accounts",
        "gone_title": "You signed out of your account",
        "gone_lead": "You may close this window.",
        "gone_apps": "The applications that you used are told. You may close this window.",
        "gone_frame": "An application hears of it",
        "gone_onward": "Continue",
        "refused_title": "Sign-in stopped here",
        "refused_lead": "The request that brought you here cannot be answered. Go back to the "
        "application and sign in again; if this page returns, give its support these lines.",
        "answer": "Answer",
        "trace": "Trace ID",
        "correlation": "Correlation ID",
        "time": "Time",
        "again": "Start again",
        "missing_title": "There is nothing at this address",
        "missing_lead": "This is the simulated sign-in of the tenant; applications send you here, "
        "you need not come by yourself.",
    },
    "fr": {
        "provider": "Microsoft Entra ID simulé",
        "notice": "Doublure de développement\u202f: aucun mot de passe, aucun compte réel, rien ne "
        "quitte cette machine.",
        "tenant": "Annuaire Hautemer",
        "pick_title": "Choisissez un compte",
        "pick_lead": "Vous reviendrez à {application}.",
        "pick_group": "Comptes de l’annuaire",
        "signed_in": "Session ouverte",
        "no_role": "Aucun rôle",
        "guest": "Invité",
        "cancel": "Annuler",
        "other_language": "English",
        "about": "À propos de cette page",
        "mfa_title": "Confirmez que c’est bien vous",
        "mfa_lead": "{application} demande un second facteur. Dans la vie réelle, votre téléphone "
        "sonnerait\u202f; ici, vous le dites vous-même.",
        "mfa_do": "Oui, c’est moi",
        "consent_title": "Autoriser cette application\u202f?",
        "consent_lead": "{application} demande à agir en votre nom.",
        "consent_do": "Autoriser",
        "out_title": "De quel compte voulez-vous vous déconnecter\u202f?",
        "out_lead": "Ce compte quitte ce navigateur\u202f; les autres restent connectés.",
        "out_group": "Comptes connectés",
        "gone_title": "Vous avez quitté votre compte",
        "gone_lead": "Vous pouvez fermer cette fenêtre.",
        "gone_apps": "Les applications que vous utilisiez en sont averties. Vous pouvez fermer "
        "cette fenêtre.",
        "gone_frame": "Une application en est avertie",
        "gone_onward": "Continuer",
        "refused_title": "La connexion s’arrête ici",
        "refused_lead": "La demande qui vous amène ici ne peut pas aboutir. Revenez à "
        "l’application et connectez-vous à nouveau\u202f; si cette page revient, transmettez ces "
        "lignes à son assistance.",
        "answer": "Réponse",
        "trace": "Identifiant de trace",
        "correlation": "Identifiant de corrélation",
        "time": "Heure",
        "again": "Recommencer",
        "missing_title": "Il n’y a rien à cette adresse",
        "missing_lead": "Voici la connexion simulée de l’annuaire\u202f; les applications vous y "
        "conduisent, vous n’avez pas à y venir vous-même.",
    },
}


def locale_of(request: Request, ui_locales: str | None) -> Locale:
    """Return the language of a page: what the application asks for, else the browser.

    French when nobody says anything.
    """
    for wished in (ui_locales or "").split(" "):
        if (known := _known(wished)) is not None:
            return known
    ranked: list[tuple[float, int, Locale]] = []
    header = request.headers.get("accept-language", "")
    for position, entry in enumerate(header.split(",")):
        tag, _, weight = entry.partition(";q=")
        known = _known(tag)
        if known is not None and (quality := _quality(weight)) > 0:
            ranked.append((-quality, position, known))
    if ranked:
        return min(ranked)[2]
    return "en" if header.strip() else "fr"


def _known(tag: str) -> Locale | None:
    match tag.strip().lower().partition("-")[0]:
        case "fr":
            return "fr"
        case "en":
            return "en"
        case _:
            return None


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
