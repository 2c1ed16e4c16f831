"""The words of the page of faults, French and English."""

from collections.abc import Mapping
from typing import Final

from mainhub.simulator.faults.fault import Mode, Target
from mainhub.simulator.texts import Locale

WORDS: Final[Mapping[Locale, Mapping[str, str]]] = {
    "en": {
        "provider": "Simulated world",
        "tenant": "mainhub dev",
        "title": "Faults",
        "lead": "Break what stands behind the hub, and see what the hub makes of it. What is set "
        "here holds at once, for every browser, until it heals, is changed, or mainhub dev ends.",
        "numbers": "Numbers",
        "seconds": "Seconds late",
        "status": "Error status",
        "share": "Percent of requests",
        "only": "Only paths from",
        "only_about": "... stands for anything",
        "for": "Heals after seconds",
        "for_about": "Empty: never",
        "modes": "What it does",
        "since": "Since {time}",
        "never": "Since the start",
        "left": "Heals by itself in {left} s",
        "part": "{share} % of the requests",
        "part_path": "{share} % of the requests to {only}",
        "expect": "The hub now",
        "all_fine": "All fine again",
        "wrong": "Not changed",
    },
    "fr": {
        "provider": "Monde simulé",
        "tenant": "mainhub dev",
        "title": "Pannes",
        "lead": "Mettez en panne ce qui se trouve derrière le hub, et voyez ce qu’il en fait. Un "
        "réglage vaut aussitôt, pour tous les navigateurs, jusqu’à sa guérison, un autre réglage "
        "ou la fin de mainhub dev.",
        "numbers": "Nombres",
        "seconds": "Secondes de retard",
        "status": "Code d’erreur",
        "share": "Pourcentage des demandes",
        "only": "Seulement les chemins dès",
        "only_about": "... remplace n’importe quoi",
        "for": "Guérit après, en secondes",
        "for_about": "Vide\u202f: jamais",
        "modes": "Ce qu’il fait",
        "since": "Depuis {time}",
        "never": "Depuis le démarrage",
        "left": "Guérit de lui-même dans {left} s",
        "part": "{share}\u00a0% des demandes",
        "part_path": "{share}\u00a0% des demandes vers {only}",
        "expect": "Le hub, maintenant",
        "all_fine": "Tout va bien à nouveau",
        "wrong": "Rien n’a changé",
    },
}

NAMES: Final[Mapping[Locale, Mapping[Target, str]]] = {
    "en": {Target.ENTRA: "Identity provider", Target.ORDERS: "Orders service"},
    "fr": {Target.ENTRA: "Fournisseur d’identité", Target.ORDERS: "Service Commandes"},
}

BUTTONS: Final[Mapping[Locale, Mapping[Mode, str]]] = {
    "en": {
        Mode.FINE: "Fine",
        Mode.SLOW: "Slow",
        Mode.HANG: "Hangs",
        Mode.REFUSE: "Refuses",
        Mode.ERROR: "Error",
        Mode.GARBAGE: "Garbage",
        Mode.CUT: "Cut off",
        Mode.DRIP: "Drips",
    },
    "fr": {
        Mode.FINE: "Va bien",
        Mode.SLOW: "Lent",
        Mode.HANG: "Bloqué",
        Mode.REFUSE: "Refuse",
        Mode.ERROR: "Erreur",
        Mode.GARBAGE: "Charabia",
        Mode.CUT: "Coupé",
        Mode.DRIP: "Goutte à goutte",
    },
}

STATES: Final[Mapping[Locale, Mapping[Mode, str]]] = {
    "en": {
        Mode.FINE: "Answers as it should",
        Mode.SLOW: "Answers {seconds} s late",
        Mode.HANG: "Takes requests and never answers",
        Mode.REFUSE: "Refuses connections",
        Mode.ERROR: "Answers {status} with a page of HTML",
        Mode.GARBAGE: "Answers 200 with text that nobody can read",
        Mode.CUT: "Breaks each answer off in the middle",
        Mode.DRIP: "Sends each answer a byte at a time",
    },
    "fr": {
        Mode.FINE: "Répond comme il faut",
        Mode.SLOW: "Répond avec {seconds} s de retard",
        Mode.HANG: "Accepte les demandes et ne répond jamais",
        Mode.REFUSE: "Refuse les connexions",
        Mode.ERROR: "Répond {status} avec une page HTML",
        Mode.GARBAGE: "Répond 200 avec un texte illisible",
        Mode.CUT: "Coupe chaque réponse au milieu",
        Mode.DRIP: "Envoie chaque réponse octet par octet",
    },
}

EXPECTED: Final[Mapping[Locale, Mapping[Target, Mapping[Mode, str]]]] = {
    "en": {
        Target.ORDERS: {
            Mode.FINE: "shows the orders.",
            Mode.SLOW: "shows the orders late, or, when that takes longer than the service’s "
            "response time-out, says that they do not answer in time (504).",
            Mode.HANG: "says after the response time-out (5 s) that the orders do not answer in "
            "time (504); the rest of the page works.",
            Mode.REFUSE: "says at once that the orders cannot be reached (502); the rest of the "
            "page works.",
            Mode.ERROR: "passes the status on, and the card says that the orders failed; it never "
            "shows the service’s HTML.",
            Mode.GARBAGE: "passes the answer on, and the card says that the orders could not be "
            "read.",
            Mode.CUT: "breaks off, too, and the card says that the orders did not arrive whole; "
            "half a list is never shown as a whole one.",
            Mode.DRIP: "keeps the card loading while bytes come; everything else goes on.",
        },
        Target.ENTRA: {
            Mode.FINE: "signs people in and out.",
            Mode.SLOW: "signs in late, or says that the provider is not answering (503); open "
            "sessions go on.",
            Mode.HANG: "keeps open sessions, and says where it needs a new token that sign-in is "
            "not answering (503). Who signs in waits at the provider.",
            Mode.REFUSE: "keeps open sessions, and says where it needs a new token that sign-in is "
            "not answering (503). Who signs in sees their browser fail at the provider.",
            Mode.ERROR: "keeps open sessions, and says where it needs a new token that sign-in is "
            "not answering (503). Who signs in sees the provider’s error.",
            Mode.GARBAGE: "believes nothing that it cannot read: open sessions go on, and a new "
            "token or sign-in gets 503.",
            Mode.CUT: "takes half an answer for none: open sessions go on, and a new token or "
            "sign-in gets 503.",
            Mode.DRIP: "waits no longer than its time-out, then says that sign-in is not "
            "answering (503); open sessions go on.",
        },
    },
    "fr": {
        Target.ORDERS: {
            Mode.FINE: "affiche les commandes.",
            Mode.SLOW: "affiche les commandes en retard, ou, au-delà du délai de réponse du "
            "service, dit qu’elles ne répondent pas à temps (504).",
            Mode.HANG: "dit après le délai de réponse (5 s) que les commandes ne répondent pas à "
            "temps (504)\u202f; le reste de la page fonctionne.",
            Mode.REFUSE: "dit aussitôt que les commandes sont injoignables (502)\u202f; le reste "
            "de la page fonctionne.",
            Mode.ERROR: "transmet le code, et la carte dit que les commandes ont échoué\u202f; le "
            "HTML du service n’apparaît jamais.",
            Mode.GARBAGE: "transmet la réponse, et la carte dit que les commandes sont illisibles.",
            Mode.CUT: "coupe aussi, et la carte dit que les commandes ne sont pas arrivées "
            "entières\u202f; une moitié de liste n’y passe jamais pour une liste.",
            Mode.DRIP: "laisse la carte charger tant que des octets arrivent\u202f; tout le reste "
            "continue.",
        },
        Target.ENTRA: {
            Mode.FINE: "ouvre et ferme les sessions.",
            Mode.SLOW: "connecte en retard, ou dit que le fournisseur ne répond pas "
            "(503)\u202f; les sessions ouvertes continuent.",
            Mode.HANG: "garde les sessions ouvertes, et dit, là où il lui faut un nouveau jeton, "
            "que la connexion ne répond pas (503). Qui se connecte attend chez le fournisseur.",
            Mode.REFUSE: "garde les sessions ouvertes, et dit, là où il lui faut un nouveau jeton, "
            "que la connexion ne répond pas (503). Qui se connecte voit son navigateur échouer "
            "chez le fournisseur.",
            Mode.ERROR: "garde les sessions ouvertes, et dit, là où il lui faut un nouveau jeton, "
            "que la connexion ne répond pas (503). Qui se connecte voit l’erreur du fournisseur.",
            Mode.GARBAGE: "ne croit rien de ce qu’il ne peut pas lire\u202f: les sessions ouvertes "
            "continuent, un nouveau jeton ou une connexion reçoit 503.",
            Mode.CUT: "tient une moitié de réponse pour nulle\u202f: les sessions ouvertes "
            "continuent, un nouveau jeton ou une connexion reçoit 503.",
            Mode.DRIP: "n’attend pas plus que son délai, puis dit que la connexion ne répond pas "
            "(503)\u202f; les sessions ouvertes continuent.",
        },
    },
}
