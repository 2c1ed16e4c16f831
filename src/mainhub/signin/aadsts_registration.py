"""Numbers of Entra ID that tell of how the hub is registered there."""

from typing import Final

from mainhub.signin.aadsts_meaning import Meaning, means

__all__ = ["REGISTRATION"]

# In French a no-break space stands before ; and :. Written as \u00a0 to be seen. What is not in
# Microsoft's list of error codes is recalled, and marked.
REGISTRATION: Final[dict[int, Meaning]] = {
    50011: means(
        en=(
            "The address to return to is not registered with the application.",
            "Register exactly identity.NAME.redirect_uri in Entra ID, platform Web.",
        ),
        fr=(
            "L’adresse de retour n’est pas enregistrée pour l’application.",
            "Enregistrez exactement identity.NAME.redirect_uri dans Entra ID, plateforme Web.",
        ),
    ),
    50105: means(
        en=(
            "The person is assigned to no role of the application, and assignment is required.",
            (
                "Assign the person or a group of theirs under Enterprise applications, "
                "Users and groups."
            ),
        ),
        fr=(
            "La personne n’a aucun rôle dans l’application, et l’affectation est exigée.",
            (
                "Affectez la personne ou un de ses groupes sous Applications "
                "d’entreprise, Utilisateurs et groupes."
            ),
        ),
    ),
    50194: means(
        en=(
            (
                "The application is registered for one organisation, and was asked for at "
                "the address of all."
            ),
            (
                "Set identity.NAME.tenant to the tenant’s id, or register the application "
                "for several."
            ),
        ),
        fr=(
            (
                "L’application est enregistrée pour une organisation et a été demandée à "
                "l’adresse de toutes."
            ),
            (
                "Réglez identity.NAME.tenant sur l’identifiant du locataire, ou "
                "enregistrez l’application pour plusieurs."
            ),
        ),
    ),
    500011: means(
        en=(
            "The API that a token is asked for does not exist in this tenant.",
            "Compare the service’s scopes in the settings with Expose an API, and grant consent.",
        ),
        fr=(
            "L’API pour laquelle un jeton est demandé n’existe pas dans ce locataire.",
            (
                "Comparez les étendues du service dans la configuration avec Exposer une "
                "API, et accordez le consentement."
            ),
        ),
    ),
    65001: means(
        en=(
            "Nobody has consented to what the application asks for.",
            "Grant admin consent under API permissions, or consent when asked.",
        ),
        fr=(
            "Personne n’a consenti à ce que l’application demande.",
            (
                "Accordez le consentement administrateur sous Autorisations d’API, ou "
                "consentez quand on vous le demande."
            ),
        ),
    ),
    65005: means(
        en=(
            "The application asks for an API that its registration does not list.",
            "Add it under API permissions, then grant consent.",
        ),
        fr=(
            "L’application demande une API absente de son enregistrement.",
            "Ajoutez-la sous Autorisations d’API, puis accordez le consentement.",
        ),
    ),
    650057: means(
        en=(
            "The application asks for an API that its registration does not list.",
            "Add it under API permissions, then grant consent.",
        ),
        fr=(
            "L’application demande une API absente de son enregistrement.",
            "Ajoutez-la sous Autorisations d’API, puis accordez le consentement.",
        ),
    ),
    70011: means(
        en=(
            "A scope that is asked for is not spelled as Entra ID knows it.",
            "Compare identity.NAME.scopes and the services’ scopes with the registration.",
        ),
        fr=(
            "Une étendue demandée n’est pas écrite comme Entra ID la connaît.",
            "Comparez identity.NAME.scopes et les étendues des services avec l’enregistrement.",
        ),
    ),
    70021: means(
        en=(
            "The token of the workload matches no federated credential of the application.",
            (
                "Compare issuer, subject and audience under Certificates & secrets, "
                "Federated credentials."
            ),
        ),
        fr=(
            (
                "Le jeton de la charge de travail ne correspond à aucune information "
                "d’identification fédérée."
            ),
            (
                "Comparez émetteur, sujet et audience sous Certificats et secrets, "
                "Informations d’identification fédérées."
            ),
        ),
        listed=False,
    ),
    700016: means(
        en=(
            "Entra ID knows no application of this id in this tenant.",
            "Compare identity.NAME.client_id and the tenant with the registration’s overview.",
        ),
        fr=(
            "Entra ID ne connaît aucune application de cet identifiant dans ce locataire.",
            (
                "Comparez identity.NAME.client_id et le locataire avec la vue d’ensemble "
                "de l’enregistrement."
            ),
        ),
    ),
    700027: means(
        en=(
            "The assertion is not signed with a certificate that the application has.",
            (
                "Upload the certificate under Certificates & secrets, and see that the "
                "key belongs to it."
            ),
        ),
        fr=(
            "L’assertion n’est pas signée par un certificat de l’application.",
            (
                "Chargez le certificat sous Certificats et secrets, et vérifiez que la "
                "clé lui appartient."
            ),
        ),
    ),
    7000112: means(
        en=("The application is disabled.", "Enable it under Enterprise applications, Properties."),
        fr=(
            "L’application est désactivée.",
            "Activez-la sous Applications d’entreprise, Propriétés.",
        ),
    ),
    7000215: means(
        en=(
            "The client secret is wrong; often its id was copied in place of its value.",
            "Make a new secret and copy its value.",
        ),
        fr=(
            (
                "Le secret client est faux\u00a0; souvent, son identifiant a été copié à "
                "la place de sa valeur."
            ),
            "Créez un nouveau secret et copiez sa valeur.",
        ),
    ),
    7000218: means(
        en=(
            "The application must prove itself with a secret or certificate, and sent none.",
            "Set a secret or certificate of identity.NAME; register the platform Web.",
        ),
        fr=(
            (
                "L’application doit se prouver par un secret ou un certificat, et n’en a "
                "envoyé aucun."
            ),
            (
                "Réglez un secret ou un certificat d’identity.NAME\u00a0; enregistrez la "
                "plateforme Web."
            ),
        ),
    ),
    7000222: means(
        en=(
            "The client secret has expired.",
            "Make a new secret, copy its value, and note when it ends.",
        ),
        fr=(
            "Le secret client a expiré.",
            "Créez un nouveau secret, copiez sa valeur et notez sa date de fin.",
        ),
    ),
    90002: means(
        en=(
            "There is no such tenant.",
            "Compare identity.NAME.tenant with the directory’s id, and the issuer with its cloud.",
        ),
        fr=(
            "Ce locataire n’existe pas.",
            (
                "Comparez identity.NAME.tenant avec l’identifiant de l’annuaire, et "
                "l’émetteur avec son cloud."
            ),
        ),
    ),
    90094: means(
        en=(
            "Only an administrator may consent to what the application asks for.",
            "Ask an administrator of the directory to grant admin consent under API permissions.",
        ),
        fr=(
            "Seul un administrateur peut consentir à ce que l’application demande.",
            (
                "Demandez à un administrateur de l’annuaire d’accorder le consentement "
                "sous Autorisations d’API."
            ),
        ),
    ),
}
