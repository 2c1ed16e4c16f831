"""What an application may ask for, and whom a token is then meant for."""

from dataclasses import dataclass
from typing import Final

from mainhub.simulator.errors import EntraError

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the audience of its tokens."""

IDENTITY_SCOPES: Final = frozenset({"openid", "profile", "email", "offline_access"})
GRAPH_SCOPES: Final = frozenset({"User.Read", "User.ReadBasic.All"})
_GRAPH_PREFIX: Final = "https://graph.microsoft.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Another application's API in the tenant, with the scopes that it offers."""

    uri: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one request, sorted by whom they are for; *others* is of another *resource*."""

    identity: frozenset[str]
    graph: frozenset[str]
    api: frozenset[str]
    others: frozenset[str] = frozenset()
    resources: frozenset[Api] = frozenset()

    def __contains__(self, identity_scope: str) -> bool:
        return identity_scope in self.identity

    @property
    def mixed(self) -> bool:
        """Say whether the scopes belong to more than one resource."""
        return bool(self.graph) + bool(self.api) + len(self.resources) > 1

    def within(self, other: "Scopes") -> bool:
        """Say whether *other* already covers every scope here."""
        return (
            self.identity <= other.identity
            and self.graph <= other.graph
            and self.api <= other.api
            and self.others <= other.others
        )


def parse_scopes(text: str, *, application_id_uri: str, apis: tuple[Api, ...] = ()) -> Scopes:
    """Sort the space-separated scopes of *text*; order and repetition do not matter.

    Raises:
        EntraError: no scope (900144), a malformed or unknown one (70011), another application's
            resource (500011).
    """
    names = frozenset(text.split(" ")) - {""}
    if not names:
        raise EntraError.missing("scope")
    identity, graph, api, others = set[str](), set[str](), set[str](), set[str]()
    resources = set[Api]()
    for name in sorted(names):
        short = name.removeprefix(_GRAPH_PREFIX)
        if name in IDENTITY_SCOPES:
            identity.add(name)
        elif short in GRAPH_SCOPES or name == f"{_GRAPH_PREFIX}.default":
            graph.add(short)
        elif name in {f"{application_id_uri}/access_as_user", f"{application_id_uri}/.default"}:
            api.add("access_as_user")
        elif (owner := _owner(name, apis)) is not None:
            resources.add(owner)
            others |= _asked_of(owner, name)
        elif "://" in name and not name.startswith((_GRAPH_PREFIX, f"{application_id_uri}/")):
            raise EntraError.unknown_resource(name.rpartition("/")[0])
        else:
            raise EntraError.invalid_scope(name)
    return Scopes(
        identity=frozenset(identity),
        graph=frozenset(graph),
        api=frozenset(api),
        others=frozenset(others),
        resources=frozenset(resources),
    )


def _owner(name: str, apis: tuple[Api, ...]) -> Api | None:
    return next((api for api in apis if name.startswith(f"{api.uri}/")), None)


def _asked_of(api: Api, name: str) -> set[str]:
    short = name.removeprefix(f"{api.uri}/")
    if short == ".default":
        return {f"{api.uri}/{scope}" for scope in api.scopes}
    if short not in api.scopes:
        raise EntraError.invalid_scope(name)
    return {name}
