"""Numbers of Entra ID that tell of a person, their device or their sign-in."""

from typing import Final

from mainhub.signin.aadsts_meaning import Meaning, means

__all__ = ["ACCOUNTS"]

# In French a no-break space stands before ; and :. Written as \u00a0 to be seen. What is not in
# Microsoft's list of error codes is recalled, and marked.
ACCOUNTS: Final[dict[int, Meaning]] = {
    16000: means(
        en=(
            "The account is not known in this organisation’s directory.",
            "Sign in with the account of your organisation, or have this one invited as a guest.",
        ),
        fr=(
            "Le compte n’est pas connu dans l’annuaire de cette organisation.",
            "Connectez-vous avec le compte de votre organisation, ou faites inviter celui-ci.",
        ),
    ),
    50020: means(
        en=(
            "The account belongs to another organisation and is no guest of this one.",
            "Sign in with another account, or have this one invited as a guest.",
        ),
        fr=(
            "Le compte appartient à une autre organisation et n’est pas invité dans celle-ci.",
            "Connectez-vous avec un autre compte, ou faites inviter celui-ci.",
        ),
    ),
    50034: means(
        en=(
            "No such account exists in this organisation’s directory.",
            "Check the spelling, or sign in with another account.",
        ),
        fr=(
            "Ce compte n’existe pas dans l’annuaire de cette organisation.",
            "Vérifiez l’orthographe, ou connectez-vous avec un autre compte.",
        ),
    ),
    50053: means(
        en=(
            (
                "The account is locked after too many attempts, or the network that it "
                "came from is blocked."
            ),
            "Wait some minutes. The sign-in log in Entra ID tells which of the two it is.",
        ),
        fr=(
            "Le compte est verrouillé après trop d’essais, ou le réseau d’où il vient est bloqué.",
            "Attendez quelques minutes. Le journal des connexions d’Entra ID dit lequel des deux.",
        ),
    ),
    50055: means(
        en=("The password has expired.", "Choose a new password, then sign in again."),
        fr=(
            "Le mot de passe a expiré.",
            "Choisissez un nouveau mot de passe, puis reconnectez-vous.",
        ),
    ),
    50057: means(
        en=("The account is disabled.", "An administrator of the directory can enable it."),
        fr=("Le compte est désactivé.", "Un administrateur de l’annuaire peut le réactiver."),
    ),
    50058: means(
        en=("Nobody is signed in at Entra ID in this browser any more.", "Sign in again."),
        fr=("Plus personne n’est connecté à Entra ID dans ce navigateur.", "Reconnectez-vous."),
    ),
    50072: means(
        en=(
            "A second factor is required, and none has been set up yet.",
            "Sign in again and set one up when asked.",
        ),
        fr=(
            "Un second facteur est exigé, et aucun n’est encore configuré.",
            "Reconnectez-vous et configurez-en un quand on vous le demande.",
        ),
    ),
    50074: means(
        en=("The second factor was asked for and not given.", "Sign in again and confirm it."),
        fr=(
            "Le second facteur a été demandé et n’a pas été donné.",
            "Reconnectez-vous et confirmez-le.",
        ),
    ),
    50076: means(
        en=("The organisation requires a second factor here.", "Sign in again and confirm it."),
        fr=("L’organisation exige ici un second facteur.", "Reconnectez-vous et confirmez-le."),
    ),
    50079: means(
        en=(
            "The organisation requires a second factor, which has to be set up first.",
            "Sign in again and set it up when asked.",
        ),
        fr=(
            "L’organisation exige un second facteur, qu’il faut d’abord configurer.",
            "Reconnectez-vous et configurez-le quand on vous le demande.",
        ),
    ),
    500121: means(
        en=(
            "The second factor failed.",
            "Try again; if the device is lost, ask an administrator of the directory.",
        ),
        fr=(
            "Le second facteur a échoué.",
            "Réessayez. Si l’appareil est perdu, demandez à un administrateur de l’annuaire.",
        ),
        listed=False,
    ),
    50126: means(
        en=("The name or the password is wrong.", "Try again, or reset the password."),
        fr=("Le nom ou le mot de passe est faux.", "Réessayez, ou réinitialisez le mot de passe."),
    ),
    50173: means(
        en=(
            (
                "What was granted has been revoked: the password was changed, or an "
                "administrator ended the sessions."
            ),
            "Sign in again.",
        ),
        fr=(
            (
                "L’accès accordé a été révoqué\u00a0: mot de passe changé, ou sessions "
                "fermées par un administrateur."
            ),
            "Reconnectez-vous.",
        ),
    ),
    501481: means(
        en=(
            "The code was redeemed by somebody who did not begin the sign-in.",
            "Begin again. If it happens often, look for a proxy that repeats or mixes requests.",
        ),
        fr=(
            "Le code a été présenté par quelqu’un qui n’a pas commencé la connexion.",
            (
                "Recommencez. Si cela se répète, cherchez un proxy qui répète ou mélange "
                "les requêtes."
            ),
        ),
    ),
    53000: means(
        en=(
            "The organisation lets in only devices that it manages, and this one does not comply.",
            "Use a managed device, or bring this one in line.",
        ),
        fr=(
            (
                "L’organisation n’admet que les appareils qu’elle gère, et celui-ci n’est "
                "pas conforme."
            ),
            "Utilisez un appareil géré, ou mettez celui-ci en conformité.",
        ),
    ),
    53003: means(
        en=(
            "A Conditional Access policy of the organisation blocks this sign-in.",
            "The sign-in log in Entra ID names the policy; an administrator can change it.",
        ),
        fr=(
            "Une stratégie d’accès conditionnel de l’organisation bloque cette connexion.",
            (
                "Le journal des connexions d’Entra ID nomme la stratégie\u00a0; un "
                "administrateur peut la changer."
            ),
        ),
    ),
    54005: means(
        en=("The code has been used already.", "Begin again from the home page."),
        fr=("Le code a déjà été utilisé.", "Recommencez depuis l’accueil."),
    ),
    65004: means(
        en=(
            "The person declined to consent.",
            "Sign in again and consent, or have an administrator consent for all.",
        ),
        fr=(
            "La personne a refusé de consentir.",
            "Reconnectez-vous et consentez, ou faites consentir un administrateur pour tous.",
        ),
    ),
    70008: means(
        en=("The code or the refresh token has expired.", "Sign in again."),
        fr=("Le code ou le jeton d’actualisation a expiré.", "Reconnectez-vous."),
    ),
    700082: means(
        en=("The refresh token was not used for too long.", "Sign in again."),
        fr=("Le jeton d’actualisation n’a pas servi depuis trop longtemps.", "Reconnectez-vous."),
    ),
    70043: means(
        en=("The organisation asks people to sign in again from time to time.", "Sign in again."),
        fr=("L’organisation demande de se reconnecter de temps en temps.", "Reconnectez-vous."),
    ),
    90072: means(
        en=(
            "The account of another organisation is no guest of this one.",
            "Sign in with another account, or have this one invited as a guest.",
        ),
        fr=(
            "Le compte d’une autre organisation n’est pas invité dans celle-ci.",
            "Connectez-vous avec un autre compte, ou faites inviter celui-ci.",
        ),
    ),
}
