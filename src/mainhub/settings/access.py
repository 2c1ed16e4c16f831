"""``[access]``: which permissions come with roles, and what is given to whole groups."""

from typing import Annotated

from pydantic import AfterValidator, Field

from mainhub.identity import PERMISSION
from mainhub.settings.names import Name
from mainhub.settings.section import Line, Section, Words

__all__ = ["Access", "GroupRights", "RoleRights"]


def _permission(text: str) -> str:
    if not PERMISSION.fullmatch(text):
        raise ValueError("expected a permission in lower case, such as orders:write or orders:*")
    return text


def _no_asterisk(text: str) -> str:
    if text == "*":
        raise ValueError("expected one role or group; open the service or front-end to * instead")
    return text


_Given = Annotated[Line, AfterValidator(_no_asterisk)]
Permission = Annotated[str, AfterValidator(_permission)]


class RoleRights(Section):
    """What everybody with *role* may do besides."""

    role: _Given
    permissions: Annotated[tuple[Permission, ...], Words] = ()


class GroupRights(Section):
    """What everybody in the provider's group *id* is and may do; *title* is for people."""

    id: _Given
    title: Line | None = None
    roles: Annotated[tuple[_Given, ...], Words] = ()
    permissions: Annotated[tuple[Permission, ...], Words] = ()


class Access(Section):
    """What is given by the settings; more can be given while the hub runs."""

    roles: dict[Name, RoleRights] = Field(default_factory=dict)
    groups: dict[Name, GroupRights] = Field(default_factory=dict)
