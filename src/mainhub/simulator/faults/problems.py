"""What the desk refuses, as RFC 9457 problems with a remedy; nothing of the hub's own code."""

from typing import Final, Self

from starlette.responses import JSONResponse

MEDIA_TYPE: Final = "application/problem+json"


class DeskProblem(Exception):
    """A refusal; *name* makes the type ``urn:simulator:problem:NAME``."""

    def __init__(
        self, name: str, title: str, detail: str, *, remedy: str, status: int, allow: str = ""
    ) -> None:
        super().__init__(detail)
        self.name = name
        self.title = title
        self.remedy = remedy
        self.status = status
        self.allow = allow

    @classmethod
    def unknown_target(cls, given: str, remedy: str) -> Self:
        """Return the refusal of a target that does not exist."""
        detail = f"There is no target {given}."
        return cls("unknown-target", "Unknown target", detail, remedy=remedy, status=404)

    @classmethod
    def unknown_mode(cls, said: str, remedy: str) -> Self:
        """Return the refusal of a mode that does not exist."""
        return cls("unknown-mode", "Unknown mode", f"{said}.", remedy=remedy, status=400)

    @classmethod
    def wrong_value(cls, said: str, remedy: str) -> Self:
        """Return the refusal of anything else in the body."""
        return cls("wrong-fault", "Wrong fault", f"{said}.", remedy=remedy, status=400)

    @classmethod
    def wrong_setting(cls, said: str, remedy: str) -> Self:
        """Return the refusal of a switch, or of what it is to be set to."""
        return cls("wrong-setting", "Wrong setting", f"{said}.", remedy=remedy, status=400)

    @classmethod
    def unknown_deed(cls, remedy: str) -> Self:
        """Return the refusal of a deed that does not exist."""
        return cls(
            "unknown-deed", "Unknown deed", "There is no such deed.", remedy=remedy, status=404
        )

    @classmethod
    def too_large(cls, most: int) -> Self:
        """Return the refusal of a body that no fault needs."""
        detail = f"The body has more than {most} bytes."
        remedy = 'Send {"mode": "slow", "seconds": 3}.'
        return cls("too-large", "Body too large", detail, remedy=remedy, status=413)

    @classmethod
    def no_json(cls) -> Self:
        """Return the refusal of another content type."""
        detail = "The body's type is not application/json."
        remedy = "Send it with Content-Type: application/json."
        return cls("no-json", "JSON is needed", detail, remedy=remedy, status=415)

    @classmethod
    def foreign_page(cls) -> Self:
        """Return the refusal of what a foreign page could have sent."""
        detail = "This could come from a foreign page in the browser."
        remedy = "Send the header X-MainHub-Sim: 1 and no foreign Origin, or use the page /_sim."
        return cls("foreign-page", "Not from here", detail, remedy=remedy, status=403)

    @classmethod
    def foreign_host(cls) -> Self:
        """Return the refusal of a name that is not this machine's own."""
        detail = "The request names another host than this machine's own loopback."
        remedy = "Ask for 127.0.0.1 or localhost, with the simulator's port."
        return cls("foreign-host", "Not this host", detail, remedy=remedy, status=403)

    @classmethod
    def nothing_here(cls) -> Self:
        """Return the refusal of an address that does not exist."""
        detail = "There is nothing at this address."
        remedy = (
            "There are: /_sim, /_sim/faults, /_sim/faults/entra, /_sim/faults/orders, "
            "/_sim/switches and /_sim/deeds/NAME."
        )
        return cls("nothing-here", "Nothing here", detail, remedy=remedy, status=404)

    @classmethod
    def wrong_method(cls, allow: str) -> Self:
        """Return the refusal of a method that the address does not have."""
        detail = "The address does not take this method."
        remedy = f"Use one of: {allow}."
        return cls("wrong-method", "Wrong method", detail, remedy=remedy, status=405, allow=allow)

    @classmethod
    def not_kept(cls, reason: str) -> Self:
        """Return the failure to write the fault down, where both processes read it."""
        detail = f"The fault could not be written to the state folder: {reason}."
        remedy = "Mend the state folder of mainhub dev, then try again."
        return cls("not-kept", "Fault not kept", detail, remedy=remedy, status=503)

    def response(self) -> JSONResponse:
        """Return the answer to a program."""
        body = {
            "type": f"urn:simulator:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": str(self),
            "remedy": self.remedy,
        }
        headers = {"Allow": self.allow} if self.allow else None
        return JSONResponse(body, self.status, headers=headers, media_type=MEDIA_TYPE)
