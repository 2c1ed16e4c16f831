"""Where Redis is: URLs, the names of other software, and what may not be said together."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings import (
    Configuration,
    RedisAddress,
    SettingsInvalid,
    load,
    parse_redis_url,
)
from mainhub.settings.address import Address

HIDDEN = "never-to-be-shown"


def read(environ: Mapping[str, str]) -> Configuration:
    return load(config=None, environ=environ)


def where(environ: Mapping[str, str]) -> RedisAddress:
    address = read(environ).settings.redis.address
    assert address is not None
    return address


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        read(environ)
    return tuple(caught.value.problems)


def rows(configuration: Configuration) -> dict[str, tuple[str | None, str]]:
    return {row.path: (row.value, row.source) for row in configuration.rows()}


def test_without_a_url_there_is_no_redis_and_budgets_are_short() -> None:
    redis = read({}).settings.redis
    assert redis.address is None
    assert redis.connect_timeout == redis.command_timeout == timedelta(milliseconds=250)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://cache", "redis://cache:6379"),
        ("REDIS://Cache:6380/3", "redis://cache:6380/3"),
        ("rediss://:pw@cache/", "rediss://:********@cache:6379"),
        ("redis://hub:p%40ss@[::1]:7000", "redis://hub:********@[::1]:7000"),
        ("redis://hub@cache", "redis://hub@cache:6379"),
        (
            "redis+sentinel://:pw@h1,h2:26380/main.1/2",
            "redis+sentinel://:********@h1:26379,h2:26380/main.1/2",
        ),
        ("redis+sentinel://h1", "redis+sentinel://h1:26379/mymaster"),
        ("redis+cluster://h1:7000,h2:7001,h1:7000/0", "redis+cluster://h1:7000,h2:7001/0"),
        (
            "rediss+sentinel://h1/m?sentinel_password=x&ssl_ca_certs=%2Fca.pem",
            "rediss+sentinel://h1:26379/m?********",
        ),
    ],
)
def test_reads_a_url_and_shows_it_without_passwords(url: str, shown: str) -> None:
    address = parse_redis_url(url)
    assert str(address) == shown
    assert parse_redis_url(address.url) == address


def test_a_password_is_what_its_escapes_mean() -> None:
    assert parse_redis_url("redis://:%2F%3F%23%40%25%C3%A9@cache").password == "/?#@%é"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "expected redis://"),
        ("redis://", "expected redis://"),
        ("http://cache", "expected redis://"),
        ("valkey://cache", "expected redis://"),
        ("redis://cache:0", "expected redis://"),
        ("redis://cache:65536", "expected redis://"),
        ("redis://cache:", "expected redis://"),
        ("redis://h1,h2", "redis+sentinel://"),
        ("redis://cache/one", "DB is a number"),
        ("redis://cache/1/2", "DB is a number"),
        ("redis://:a@b@cache", "%40"),
        ("redis://:a/b@cache", "%2F"),
        ("redis://:a%2@cache", "%25"),
        ("redis://:a%FF@cache", "%25"),
        ("redis://@cache", "expected redis://"),
        ("redis://cache#0", "expected redis://"),
        ("redis://ca\nche", "expected redis://"),
        ("redis://cache?db=1", "only sentinel_password"),
        ("redis://cache?ssl_ca_certs=/ca.pem", "rediss://"),
        ("rediss://cache?ssl_ca_certs=/a&ssl_ca_certs=/b", "each once"),
        ("rediss://cache?ssl_ca_certs=", "each once"),
        ("rediss://cache?ssl_ca_certs", "name=value"),
        ("redis://cache?sentinel_password=x", "redis+sentinel://"),
        ("redis+sentinel://h1/my master", "letters, digits"),
        ("redis+cluster://h1/1", "no database but 0"),
    ],
)
def test_refuses_what_it_does_not_understand(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        parse_redis_url(url)


def test_a_wrong_url_is_never_repeated() -> None:
    (line,) = problems({"REDIS_URL": f"redis://:{HIDDEN}/@cache"})
    assert line.startswith("environment REDIS_URL: redis.url: expected redis://")
    assert HIDDEN not in line


_TEXT = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())
_NODE = st.builds(
    Address,
    st.sampled_from(["cache", "10.0.0.1", "::1", "redis-1.example.com", "a_b"]),
    st.integers(1, 65535),
)
_SERVERS = st.builds(RedisAddress, st.just("server"), st.tuples(_NODE))
_SENTINELS = st.builds(
    RedisAddress,
    st.just("sentinel"),
    st.lists(_NODE, min_size=1, max_size=4, unique=True).map(tuple),
    master_name=st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True),
    sentinel_username=st.none() | _TEXT,
    sentinel_password=st.none() | _TEXT,
)
_CLUSTERS = st.builds(
    RedisAddress,
    st.just("cluster"),
    st.lists(_NODE, min_size=1, max_size=4, unique=True).map(tuple),
)


@given(
    _SERVERS | _SENTINELS | _CLUSTERS,
    st.none() | _TEXT,
    st.none() | _TEXT,
    st.none() | st.integers(0, 99),
    st.none() | _TEXT,
)
def test_reads_what_it_has_written(
    address: RedisAddress,
    username: str | None,
    password: str | None,
    database: int | None,
    ca_file: str | None,
) -> None:
    if address.kind == "cluster" and database:
        database = 0
    whole = replace(
        address,
        username=username,
        password=password,
        database=database,
        tls=ca_file is not None,
        ca_file=ca_file,
    )
    assert parse_redis_url(whole.url) == whole


@given(st.text() | st.text().map(lambda rest: f"redis://{rest}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        address = parse_redis_url(text)
    except ValueError:
        return
    assert parse_redis_url(address.url) == address


def test_understands_the_names_that_other_software_uses() -> None:
    configuration = read(
        {
            "REDIS_SENTINELS": '[{"host": "s1", "port": 26380}, ["s2", 26381], {"host": "s3"}]',
            "REDIS_MASTER_NAME": "main",
            "REDIS_PASSWORD": HIDDEN,
            "REDIS_DB": "2",
        }
    )
    shown = rows(configuration)
    assert shown["redis.url"] == (
        "redis+sentinel://s1:26380,s2:26381,s3:26379/main",
        "environment REDIS_SENTINELS",
    )
    assert shown["redis.password"] == ("********", "environment REDIS_PASSWORD")
    assert shown["redis.database"] == ("2", "environment REDIS_DB")
    address = configuration.settings.redis.address
    assert address is not None
    assert (address.password, address.database) == (HIDDEN, 2)
    assert HIDDEN not in repr(configuration)
    assert HIDDEN not in str(address)
    assert HIDDEN not in repr(address)


def test_sentinels_and_the_name_of_the_master_have_defaults() -> None:
    assert str(where({"REDIS_SENTINELS": '["s1"]'})) == "redis+sentinel://s1:26379/mymaster"
    named = where({"REDIS_MASTER_NAME": "main"})
    assert str(named) == "redis+sentinel://localhost:26379/main"


def test_a_url_of_ours_wins_and_takes_the_password_from_elsewhere() -> None:
    configuration = read(
        {
            "MAINHUB_REDIS__URL": "rediss://hub@cache/1",
            "REDIS_URL": "redis://other",
            "REDIS_PASSWORD": HIDDEN,
        }
    )
    assert rows(configuration)["redis.url"] == (
        "rediss://hub@cache:6379/1",
        "environment MAINHUB_REDIS__URL",
    )
    address = configuration.settings.redis.address
    assert address is not None
    assert address.password == HIDDEN


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"REDIS_URL": "redis://a", "REDIS_SENTINELS": '["b"]'},
            "environment: REDIS_URL and REDIS_SENTINELS are both set; keep only one of them",
        ),
        (
            {"REDIS_URL": "redis://a", "REDIS_MASTER_NAME": "main"},
            "environment: REDIS_URL and REDIS_MASTER_NAME are both set; keep only one of them",
        ),
        (
            {"REDIS_URL": f"redis://:{HIDDEN}@a", "REDIS_PASSWORD": "another"},
            "environment REDIS_PASSWORD: redis.password: redis.url holds another password",
        ),
        (
            {"REDIS_URL": "redis://a/1", "REDIS_DB": "2"},
            "environment REDIS_DB: redis.database: redis.url names database 1",
        ),
        (
            {"REDIS_URL": "redis+cluster://a", "REDIS_DB": "2"},
            "environment REDIS_DB: redis.database: redis.url is a cluster",
        ),
        (
            {"REDIS_PASSWORD": HIDDEN},
            "environment REDIS_PASSWORD: redis.password: redis.url is not set",
        ),
        ({"REDIS_DB": "-1"}, "environment REDIS_DB: redis.database: expected"),
        ({"REDIS_DB": "two"}, "environment REDIS_DB: redis.database: expected a whole number"),
        ({"REDIS_SENTINELS": "s1,s2"}, "environment REDIS_SENTINELS: expected a JSON list"),
        ({"REDIS_SENTINELS": "[]"}, "environment REDIS_SENTINELS: expected a JSON list"),
        ({"REDIS_SENTINELS": '["s1:0"]'}, "environment REDIS_SENTINELS: expected a JSON list"),
        ({"REDIS_SENTINELS": '[["s1"]]'}, "environment REDIS_SENTINELS: expected a JSON list"),
        ({"REDIS_SENTINELS": "[" * 9999}, "environment REDIS_SENTINELS: expected a JSON list"),
        (
            {"REDIS_SENTINELS": '["s1"]', "REDIS_MASTER_NAME": "my/master"},
            "environment REDIS_MASTER_NAME: expected letters, digits",
        ),
    ],
)
def test_says_which_names_contradict_each_other(environ: dict[str, str], told: str) -> None:
    (line,) = problems(environ)
    assert line.startswith(told)
    assert HIDDEN not in line


def test_the_same_password_may_stand_in_both_places() -> None:
    environ = {"REDIS_URL": f"redis://:{HIDDEN}@a", "REDIS_PASSWORD": HIDDEN}
    assert where(environ).password == HIDDEN


def test_names_of_others_do_not_count_where_they_were_not_asked_for() -> None:
    environ = {"REDIS_URL": "redis://a", "REDIS_SENTINELS": "nonsense", "REDIS_DB": "x"}
    configuration = load(config=None, environ=environ, vendor_names=False)
    assert configuration.settings.redis.address is None
    assert configuration.ignored == ("REDIS_URL", "REDIS_SENTINELS", "REDIS_DB")
