"""What a page sends in order to publish, read once and strictly."""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mainhub.errors import Invalid

__all__ = ["BadPublication", "Publication"]

Source = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}\z")]
Tab = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}\z")]
Role = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class BadPublication(Invalid):
    """What a page sent cannot be published."""


class Publication(BaseModel):
    """An event to publish. Its id, time and author are the hub's to give.

    *source* is the front-end's name, or ``shell``; *roles* narrows an event for everyone; *tab* is
    a random name of the page, by which it knows its own events again.
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    type: Annotated[str, Field(max_length=100)]
    data: dict[str, Any] = Field(default_factory=dict)
    source: Source = "shell"
    roles: Annotated[list[Role], Field(min_length=1, max_length=16)] | None = None
    tab: Tab | None = None

    @classmethod
    def read(cls, body: bytes) -> "Publication":
        """Read *body*.

        Raises:
            BadPublication: it is no JSON, or not of this form; the message names the field.
        """
        try:
            return cls.model_validate(orjson.loads(body))
        except orjson.JSONDecodeError as error:
            raise BadPublication(
                "the body is not JSON that the hub can read",
                remedy="Send an object with type and data, at most a few levels deep.",
            ) from error
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the body"
            named = "".join(char if char.isprintable() else "?" for char in where)[:100]
            raise BadPublication(
                f"{named}: {first['msg'].replace('Input should be', 'expected')}",
                remedy="An event has type and data, and may have source, roles and tab.",
            ) from None
