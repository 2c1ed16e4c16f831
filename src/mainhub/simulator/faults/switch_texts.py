"""The words of switches and deeds on the page of faults, French and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mainhub.simulator.conduct import Switch
from mainhub.simulator.texts import Locale


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a switch: the word on its button, and what the hub then does."""

    button: str
    expected: str


@dataclass(frozen=True, slots=True)
class SwitchWords:
    """What a switch is called, what it is about, and its choices."""

    name: str
    about: str
    choices: Mapping[str, Choice]


_EN: Final[Mapping[Switch, SwitchWords]] = {
    Switch.ORDERS_CLAIMS: SwitchWords(
        "Second factor at the orders",
        "The orders service demands a claim that only a second factor brings.",
        {
            "none": Choice("Not needed", "passes everything on with the token that it has."),
            "approvals": Choice(
                "To approve",
                "asks for a second factor when an order is approved, and then approves it.",
            ),
            "all": Choice("For all", "asks for a second factor before it shows any order."),
        },
    ),
    Switch.REFUSAL: SwitchWords(
        "New tokens",
        "What the tenant answers when the hub asks for another token.",
        {
            "none": Choice("Given", "renews tokens, and nobody notices."),
            "mfa": Choice(
                "Second factor",
                "keeps the session and asks the person for a second factor (AADSTS50076).",
            ),
            "consent": Choice(
                "Consent", "keeps the session and asks the person for consent (AADSTS65001)."
            ),
            "consent-as-grant": Choice(
                "Consent, hard",
                "gets the same as invalid_grant, as some tenants answer: the hint consent_required "
                "tells it apart from an end.",
            ),
            "revoked": Choice(
                "Revoked", "ends the session: the tenant has revoked it (AADSTS50173)."
            ),
            "code-expired": Choice(
                "Code too old", "cannot finish a sign-in, and offers to begin again (AADSTS70008)."
            ),
            "secret-expired": Choice(
                "Secret expired",
                "signs nobody in and tells administrators that its secret has expired "
                "(AADSTS7000222). Open sessions go on.",
            ),
            "secret-wrong": Choice(
                "Secret wrong",
                "signs nobody in and tells administrators that its secret is wrong "
                "(AADSTS7000215). Open sessions go on.",
            ),
            "unavailable": Choice(
                "Unavailable", "keeps open sessions and says that sign-in is not answering."
            ),
        },
    ),
    Switch.SIGN_IN: SwitchWords(
        "Signing in",
        "What happens to who signs in at the tenant.",
        {
            "normal": Choice("Normal", "signs in who picks an account."),
            "mfa": Choice("Second factor", "gets the answer after one page more."),
            "consent": Choice("Consent", "gets the answer after the person has consented."),
            "not-assigned": Choice(
                "Not assigned", "says that the person may not use it, and whom to ask."
            ),
            "redirect-mismatch": Choice(
                "Wrong redirect", "hears nothing: the person stays on a page of the tenant."
            ),
        },
    ),
    Switch.VERSION: SwitchWords(
        "Version of access tokens",
        "Some companies still have tokens of version 1.0, with another issuer and other names.",
        {
            "2.0": Choice("2.0", "accepts them."),
            "1.0": Choice("1.0", "accepts them from callers only if its settings say so."),
        },
    ),
    Switch.CLOCK: SwitchWords(
        "Clock of the tenant",
        "What tokens say of their time.",
        {
            "right": Choice("Right", "accepts them."),
            "ahead": Choice("10 min ahead", "refuses tokens that are not valid yet."),
            "behind": Choice("70 min behind", "refuses tokens that have expired."),
        },
    ),
    Switch.USERINFO: SwitchWords(
        "Userinfo",
        "What the tenant tells about a person beside the token.",
        {
            "right": Choice("Right", "may use what it is told."),
            "wrong-sub": Choice("Somebody else’s", "drops it: the person is not the same."),
        },
    ),
    Switch.GRAPH: SwitchWords(
        "Graph",
        "Where the hub asks for the groups of who is in too many, such as Marie Curie.",
        {
            "right": Choice("Answers", "knows all groups."),
            "throttled": Choice(
                "Throttles", "waits as it is told to, then grants nothing by group."
            ),
            "forbidden": Choice("Forbids", "grants nothing by group; the session goes on."),
            "unavailable": Choice("Unavailable", "grants nothing by group; the session goes on."),
        },
    ),
}

_FR: Final[Mapping[Switch, SwitchWords]] = {
    Switch.ORDERS_CLAIMS: SwitchWords(
        "Second facteur aux commandes",
        "Le service Commandes exige ce que seul un second facteur apporte.",
        {
            "none": Choice("Inutile", "transmet tout avec le jeton qu’il a."),
            "approvals": Choice(
                "Pour approuver",
                "demande un second facteur quand on approuve une commande, puis l’approuve.",
            ),
            "all": Choice("Pour tout", "demande un second facteur avant toute commande."),
        },
    ),
    Switch.REFUSAL: SwitchWords(
        "Nouveaux jetons",
        "Ce que répond l’annuaire quand le hub demande un autre jeton.",
        {
            "none": Choice("Donnés", "renouvelle les jetons, et personne ne le remarque."),
            "mfa": Choice(
                "Second facteur",
                "garde la session et demande un second facteur à la personne (AADSTS50076).",
            ),
            "consent": Choice(
                "Accord", "garde la session et demande son accord à la personne (AADSTS65001)."
            ),
            "consent-as-grant": Choice(
                "Accord, sec",
                "reçoit la même chose en invalid_grant, comme de certains annuaires\u202f: "
                "l’indication consent_required la distingue d’une fin.",
            ),
            "revoked": Choice(
                "Révoqués", "termine la session\u202f: l’annuaire l’a révoquée (AADSTS50173)."
            ),
            "code-expired": Choice(
                "Code trop vieux",
                "ne peut pas finir une connexion et propose de recommencer (AADSTS70008).",
            ),
            "secret-expired": Choice(
                "Secret expiré",
                "ne connecte personne et dit aux administrateurs que son secret a expiré "
                "(AADSTS7000222). Les sessions ouvertes continuent.",
            ),
            "secret-wrong": Choice(
                "Secret faux",
                "ne connecte personne et dit aux administrateurs que son secret est faux "
                "(AADSTS7000215). Les sessions ouvertes continuent.",
            ),
            "unavailable": Choice(
                "Indisponible", "garde les sessions et dit que la connexion ne répond pas."
            ),
        },
    ),
    Switch.SIGN_IN: SwitchWords(
        "Connexion",
        "Ce qui arrive à qui se connecte à l’annuaire.",
        {
            "normal": Choice("Normale", "connecte qui choisit un compte."),
            "mfa": Choice("Second facteur", "reçoit la réponse après une page de plus."),
            "consent": Choice("Accord", "reçoit la réponse après l’accord de la personne."),
            "not-assigned": Choice(
                "Non attribué", "dit que la personne n’y a pas droit, et à qui s’adresser."
            ),
            "redirect-mismatch": Choice(
                "Retour inconnu", "n’entend rien\u202f: la personne reste chez l’annuaire."
            ),
        },
    ),
    Switch.VERSION: SwitchWords(
        "Version des jetons d’accès",
        "Des entreprises ont encore des jetons de version 1.0, d’un autre émetteur et sous "
        "d’autres noms.",
        {
            "2.0": Choice("2.0", "les accepte."),
            "1.0": Choice("1.0", "ne les accepte des appelants que si ses réglages le disent."),
        },
    ),
    Switch.CLOCK: SwitchWords(
        "Horloge de l’annuaire",
        "Ce que les jetons disent de leur heure.",
        {
            "right": Choice("À l’heure", "les accepte."),
            "ahead": Choice("10 min d’avance", "refuse les jetons qui ne valent pas encore."),
            "behind": Choice("70 min de retard", "refuse les jetons qui ont expiré."),
        },
    ),
    Switch.USERINFO: SwitchWords(
        "Userinfo",
        "Ce que l’annuaire dit d’une personne à côté du jeton.",
        {
            "right": Choice("Juste", "peut se servir de ce qu’il apprend."),
            "wrong-sub": Choice("De quelqu’un d’autre", "l’écarte\u202f: ce n’est pas elle."),
        },
    ),
    Switch.GRAPH: SwitchWords(
        "Graph",
        "Là où le hub demande les groupes de qui en a trop, comme Marie Curie.",
        {
            "right": Choice("Répond", "connaît tous les groupes."),
            "throttled": Choice(
                "Freine", "attend comme on le lui dit, puis n’accorde rien par groupe."
            ),
            "forbidden": Choice(
                "Interdit", "n’accorde rien par groupe\u202f; la session continue."
            ),
            "unavailable": Choice(
                "Indisponible", "n’accorde rien par groupe\u202f; la session continue."
            ),
        },
    ),
}

SWITCHES: Final[Mapping[Locale, Mapping[Switch, SwitchWords]]] = {"en": _EN, "fr": _FR}

DEEDS: Final[Mapping[Locale, Mapping[str, Choice]]] = {
    "en": {
        "rotate-keys": Choice(
            "New key", "The tenant signs with a new key; the old one is still published."
        ),
        "replace-keys": Choice(
            "New key only",
            "The tenant signs with a new key and publishes no other: what was signed before is "
            "worth nothing.",
        ),
        "forget-old-keys": Choice("Forget old keys", "Only the key that signs is published."),
        "revoke": Choice(
            "Revoke the person",
            "Their sessions and refresh tokens at the tenant have ended; services that follow "
            "refuse older access tokens.",
        ),
        "sign-out": Choice(
            "Sign the person out",
            "Their sessions at the tenant have ended, and the hub was told over its back channel.",
        ),
    },
    "fr": {
        "rotate-keys": Choice(
            "Nouvelle clé",
            "L’annuaire signe avec une nouvelle clé\u202f; l’ancienne reste publiée.",
        ),
        "replace-keys": Choice(
            "Nouvelle clé seule",
            "L’annuaire signe avec une nouvelle clé et n’en publie pas d’autre\u202f: ce qui fut "
            "signé avant ne vaut plus rien.",
        ),
        "forget-old-keys": Choice("Oublier les anciennes", "Seule la clé qui signe est publiée."),
        "revoke": Choice(
            "Révoquer la personne",
            "Ses sessions et jetons de renouvellement ont pris fin chez l’annuaire\u202f; les "
            "services qui suivent refusent les jetons plus anciens.",
        ),
        "sign-out": Choice(
            "Déconnecter la personne",
            "Ses sessions chez l’annuaire ont pris fin, et le hub en est averti par l’arrière.",
        ),
    },
}

SWITCH_WORDS: Final[Mapping[Locale, Mapping[str, str]]] = {
    "en": {
        "behaviour": "Behaviour",
        "behaviour_lead": "What a real tenant does seldom, or only to a few. It holds until it is "
        "changed or used up, or mainhub dev ends.",
        "concerns": "Only for",
        "everybody": "Everybody",
        "times": "Only so many times",
        "times_about": "Empty: always",
        "only_person": "only {name}",
        "only_times": "{times} more times",
        "only_once": "once more",
        "all_normal": "All normal again",
        "once": "Done once",
        "once_lead": "Each of these happens at once, and cannot be taken back.",
        "person": "Person",
        "signs_with": "Signs with the key {kid}",
        "older": "older ones published: {count}",
        "older_none": "no other is published",
        "told": "The hub answered {answers}.",
        "told_none": "Nobody was signed in through the hub.",
        "programs": "Programs",
        "programs_lead": "They sign in as themselves, with client credentials.",
        "secret": "Secret",
        "scope": "Scope",
        "endpoint": "Token endpoint",
        "leave": "Sign out at the provider",
        "leave_about": "The browser’s own sign-out, which tells the hub in a frame.",
    },
    "fr": {
        "behaviour": "Comportement",
        "behaviour_lead": "Ce qu’un vrai annuaire fait rarement, ou à peu de gens. Un réglage vaut "
        "jusqu’à un autre, jusqu’à épuisement ou jusqu’à la fin de mainhub dev.",
        "concerns": "Seulement pour",
        "everybody": "Tout le monde",
        "times": "Ce nombre de fois",
        "times_about": "Vide\u202f: toujours",
        "only_person": "seulement {name}",
        "only_times": "encore {times} fois",
        "only_once": "encore une fois",
        "all_normal": "Tout redevient normal",
        "once": "Fait une fois",
        "once_lead": "Chacun de ces gestes vaut aussitôt, et ne se reprend pas.",
        "person": "Personne",
        "signs_with": "Signe avec la clé {kid}",
        "older": "plus anciennes publiées\u202f: {count}",
        "older_none": "aucune autre n’est publiée",
        "told": "Le hub a répondu {answers}.",
        "told_none": "Personne n’était connecté par le hub.",
        "programs": "Programmes",
        "programs_lead": "Ils se connectent en leur propre nom (client credentials).",
        "secret": "Secret",
        "scope": "Portée",
        "endpoint": "Adresse des jetons",
        "leave": "Se déconnecter chez le fournisseur",
        "leave_about": "La déconnexion du navigateur même, qui avertit le hub dans un cadre.",
    },
}
