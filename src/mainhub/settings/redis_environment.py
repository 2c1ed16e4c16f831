"""Where Redis is by the environment of other software alone, for who takes no settings."""

from collections.abc import Mapping

from pydantic import ValidationError

from mainhub.settings.redis_address import RedisAddress
from mainhub.settings.redis_names import URL, sentinel_url
from mainhub.settings.redis_section import Redis

__all__ = ["redis_by_environment"]

PASSWORD, DATABASE = "REDIS_PASSWORD", "REDIS_DB"


def redis_by_environment(environ: Mapping[str, str]) -> RedisAddress | None:
    """Return what REDIS_URL, or REDIS_SENTINELS and its kin, say; ``None`` if they say nothing.

    Raises:
        ValueError: they make no sense; the message names the variable and repeats no secret.
    """
    problems: list[str] = []
    sentinels = sentinel_url(environ, problems)
    if problems:
        raise ValueError("; ".join(problems))
    url = sentinels[0] if sentinels else environ.get(URL) or None
    if url is None:
        return None
    names = {"url": URL if sentinels is None else sentinels[1]}
    names |= {"password": PASSWORD, "database": DATABASE}
    given: dict[str, object] = {"url": url}
    given |= {
        key: environ[name] for key, name in names.items() if key != "url" and environ.get(name)
    }
    try:
        section = Redis.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else "url"
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise ValueError(f"environment {names.get(key, key)}: {reason}") from None
    for key, reason in section.contradictions():
        raise ValueError(f"environment {names.get(key, key)}: {reason}")
    return section.address
