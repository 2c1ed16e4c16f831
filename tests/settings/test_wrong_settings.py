from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings import SettingsInvalid, documented_paths, load

HIDDEN = "never-to-be-shown"
ENTRA = '[identity.entra]\nkind = "entra"\n'


def problems(
    toml: str | bytes | None, folder: Path, environ: Mapping[str, str] | None = None
) -> list[str]:
    config = None
    if toml is not None:
        config = folder / "mainhub.toml"
        config.write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    with pytest.raises(SettingsInvalid) as caught:
        load(config=config, environ=environ or {})
    assert HIDDEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        (
            '[hub]\n\nlistn = "x"',
            "mainhub.toml:3: unknown setting hub.listn; did you mean hub.listen?",
        ),
        (
            'listen = "x"',
            "mainhub.toml:1: unknown setting listen; did you mean hub.listen?",
        ),
        ("[hubb]", "mainhub.toml:1: unknown setting hubb; did you mean hub?"),
        (
            "[kitchen]\nsize = 3",
            (
                "mainhub.toml:1: unknown setting kitchen; the file may hold hub, database, redis, "
                "identity, access, sessions, cache, limits, gateway, frontends, events, "
                "telemetry"
            ),
        ),
        (
            "[sessions]\nqqq = 3",
            (
                "mainhub.toml:2: unknown setting sessions.qqq; [sessions] may hold idle, lifetime, "
                "admin_lifetime, admin_roles_every, store, grace"
            ),
        ),
        (
            ENTRA + 'client-id = "x"',
            (
                "mainhub.toml:3: unknown setting identity.entra.client-id; "
                "did you mean identity.entra.client_id?"
            ),
        ),
        (
            '[identity."Odd Name"]',
            (
                'mainhub.toml:1: identity."Odd Name": a name is a lower-case letter and up to 31 '
                "letters, digits or dashes after it, such as my-idp"
            ),
        ),
        ("hub = 3", "mainhub.toml:1: hub: expected a table, not a value"),
        ("[hub.listen]", "mainhub.toml:1: hub.listen: expected a value, not a table"),
        (
            '[hub]\nlisten = "x"',
            (
                "mainhub.toml:2: hub.listen: expected host:port, such as 127.0.0.1:8080 or "
                "[::1]:8080 (it is 'x')"
            ),
        ),
        (
            '[hub]\nmode = "prod"',
            "mainhub.toml:2: hub.mode: expected 'production' or 'development' (it is 'prod')",
        ),
        (
            '[hub]\ntrusted_proxies = [\n  "10.0.0.0/8",\n  "10.0.0.1/8",\n]',
            (
                "mainhub.toml:2: hub.trusted_proxies[1]: expected a network such as 10.0.0.0/8 or "
                "fd00::/8, with no bit set after its prefix (it is '10.0.0.1/8')"
            ),
        ),
        (
            "[frontends]\nattempts = true",
            "mainhub.toml:2: frontends.attempts: expected a whole number (it is True)",
        ),
        (
            '[identity.entra]\ntenant = "8f6f3c1e-52b7-4d0a-9f0c-3b1d5a7e9c24"',
            "mainhub.toml:1: identity.entra.kind is missing; it must be set",
        ),
        (
            ENTRA + 'tenant = "contoso.example"',
            (
                "mainhub.toml:3: identity.entra.tenant: expected the tenant's id, a GUID; the "
                "Entra admin center shows it under Overview (it is 'contoso.example')"
            ),
        ),
        (
            ENTRA + f'client_secret = ["{HIDDEN}"]',
            "mainhub.toml:3: identity.entra.client_secret: expected text in quotes",
        ),
        (
            f'[hub]\nsecret_keys = ["{HIDDEN}"]',
            (
                "mainhub.toml:2: hub.secret_keys[0]: expected at least 32 characters of base64url "
                'or hexadecimal text; make one: python -c "import secrets; '
                'print(secrets.token_urlsafe(32))"'
            ),
        ),
        *(
            (
                f'[database]\nurl = "postgres://{rest}"',
                (
                    "mainhub.toml:2: database.url: expected sqlite+aiosqlite:///PATH or "
                    "postgresql://USER:PASSWORD@HOST/NAME; in a password write : / ? # @ % as "
                    "%3A %2F %3F %23 %40 %25"
                ),
            )
            for rest in (
                f"hub:{HIDDEN}@db:port/hub",
                f"hub:{HIDDEN}@db:70000/hub",
                f"hub:{HIDDEN}@db:0/hub",
                f"hub:{HIDDEN}@[::1/hub",
                f"hub:{HIDDEN}@db",
                f"hub:{HIDDEN}@db/",
                f"hub:{HIDDEN}@db/hub/more",
                f"hub:7/{HIDDEN}@db/hub",
                f"hub:7?{HIDDEN}@db/hub",
                f"hub:7#{HIDDEN}@db/hub",
                f"hub:7@{HIDDEN}@db/hub",
            )
        ),
        (
            f'[database]\nurl = "mysql://hub:{HIDDEN}@db"',
            (
                "mainhub.toml:2: database.url: expected sqlite+aiosqlite:///PATH or "
                "postgresql://USER:PASSWORD@HOST/NAME"
            ),
        ),
        (
            '[gateway.services.orders]\nupstreams = ["http://a", "http://b"]',
            (
                "mainhub.toml:2: gateway.services.orders.upstreams: expected exactly one URL: "
                "load balancing comes with a later version"
            ),
        ),
        (
            f'[gateway.services.orders]\nupstreams = "http://x:{HIDDEN}@a"',
            (
                "mainhub.toml:2: gateway.services.orders.upstreams[0]: expected an http or https "
                "URL without path, such as https://hub.example.com"
            ),
        ),
        (
            '[sessions]\nidle = "13h"',
            (
                "mainhub.toml:2: sessions.idle: idle (13h) is longer than lifetime (12h); make "
                "lifetime the longer one"
            ),
        ),
        (
            '[sessions]\nstore = "redis"',
            (
                "mainhub.toml:2: sessions.store: redis needs to know where Redis is: set "
                "redis.url, or keep sessions in the database"
            ),
        ),
        (
            '[hub]\npublic_url = "http://hub.example.com"',
            (
                "mainhub.toml:2: hub.public_url: expected https: people sign in over https only "
                "(http on loopback)"
            ),
        ),
        (
            ENTRA + 'issuer = "http://127.0.0.1:8081/x/v2.0"',
            (
                "mainhub.toml:3: identity.entra.issuer: expected https (http only on this machine, "
                "and with hub.mode = development)"
            ),
        ),
        (
            ENTRA + 'algorithms = ["none"]',
            (
                "mainhub.toml:3: identity.entra.algorithms[0]: expected 'RS256', 'RS384', 'RS512', "
                "'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512' or 'EdDSA' (it is 'none')"
            ),
        ),
    ],
)
def test_tells_a_wrong_setting_in_one_line(toml: str, problem: str, tmp_path: Path) -> None:
    assert problems(toml, tmp_path) == [problem]


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        (b"[hub]\nlisten = 127.0.0.1:8080", "mainhub.toml:2:15: invalid TOML: "),
        (b"[hub]\nlisten = localhost", "mainhub.toml:2:10: invalid TOML: invalid value; text"),
        (b'[hub]\nlisten = "x', "mainhub.toml:2:12: invalid TOML: "),
        (b"[hub]\n# \xff", "mainhub.toml:2:3: invalid TOML: not UTF-8"),
        (b"x = " + b"[" * 100_000, "mainhub.toml: invalid TOML: "),
        (b"x = " + b"9" * 10_000, "mainhub.toml: invalid TOML: "),
    ],
)
def test_tells_line_and_column_of_bad_toml(toml: bytes, problem: str, tmp_path: Path) -> None:
    (told,) = problems(toml, tmp_path)
    assert told.startswith(problem)


def test_tells_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for config, told in (
        (tmp_path / "nothing.toml", "there is no such file"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(SettingsInvalid, match=told):
            load(config=config, environ={})


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "MAINHUB_HUB__LISTN",
            (
                "environment MAINHUB_HUB__LISTN: unknown setting hub.listn; "
                "did you mean MAINHUB_HUB__LISTEN?"
            ),
        ),
        (
            "MAINHUB_CACHE__SIZE",
            "environment MAINHUB_CACHE__SIZE: unknown setting cache.size; see docs/settings.md",
        ),
        (
            "MAINHUB_IDENTITY__ENTRA",
            (
                "environment MAINHUB_IDENTITY__ENTRA: identity.entra is a table; set its values, "
                "such as MAINHUB_IDENTITY__ENTRA__KIND"
            ),
        ),
        (
            "MAINHUB_HUB__LISTEN_FILE",
            (
                "environment MAINHUB_HUB__LISTEN_FILE: hub.listen is no secret; "
                "set MAINHUB_HUB__LISTEN to the value itself"
            ),
        ),
        (
            "MAINHUB_HUB__LISTEN",
            (
                "environment MAINHUB_HUB__LISTEN: hub.listen: expected host:port, such as "
                "127.0.0.1:8080 or [::1]:8080 (it is 'x')"
            ),
        ),
        (
            "MAINHUB_HUB__SECRET_KEYS_FILE",
            (
                "file x (MAINHUB_HUB__SECRET_KEYS_FILE): hub.secret_keys: the file cannot be read "
                "(No such file or directory)"
            ),
        ),
    ],
)
def test_tells_a_wrong_variable_in_one_line(name: str, problem: str, tmp_path: Path) -> None:
    assert problems(None, tmp_path, {name: "x"}) == [problem]


def test_refuses_a_secret_that_is_set_twice(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(HIDDEN, encoding="utf-8")
    name = "MAINHUB_IDENTITY__ENTRA__CLIENT_SECRET"
    told = problems(ENTRA, tmp_path, {name: HIDDEN, f"{name}_FILE": str(file)})
    assert told == [f"environment: {name} and {name}_FILE are both set; keep only one of them"]


def test_refuses_an_empty_secret_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch()
    (told,) = problems(None, tmp_path, {"MAINHUB_HUB__SECRET_KEYS_FILE": str(file)})
    assert told.endswith("hub.secret_keys: the file is empty")


def test_tells_several_problems_at_once_and_unknown_names_first(tmp_path: Path) -> None:
    told = problems('[hub]\nlisten = "x"\nmod = "development"', tmp_path)
    assert [line.split(":")[1] for line in told] == ["3", "2"]


def test_keeps_each_problem_on_one_line(tmp_path: Path) -> None:
    told = problems('[hub]\n"a\\nb\\u001b" = 1\nlisten = "x\\ny"', tmp_path)
    assert all(line.isprintable() for line in told)


_WITHOUT_PLACEHOLDERS = [path.replace("NAME", "some-name") for path in documented_paths()]
_VARIABLES = [
    "MAINHUB_" + path.upper().replace("-", "_").replace(".", "__") for path in _WITHOUT_PLACEHOLDERS
]
_TOML_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def told_about(
    environ: Mapping[str, str] | None = None, preset: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    try:
        load(config=None, environ=environ or {}, preset=preset).rows()
    except SettingsInvalid as error:
        return error.problems or ("",)
    return ()


def is_one_line(problem: str) -> bool:
    return bool(problem) and problem.isprintable()


@given(st.dictionaries(st.sampled_from(_VARIABLES), st.text(), max_size=4))
def test_no_value_in_the_environment_breaks_anything(environ: dict[str, str]) -> None:
    assert all(map(is_one_line, told_about(environ)))


@given(st.sampled_from(_WITHOUT_PLACEHOLDERS), _TOML_VALUES)
def test_no_value_in_a_table_breaks_anything(path: str, value: object) -> None:
    *tables, key = path.split(".")
    nested: dict[str, object] = {key: value}
    for table in reversed(tables):
        nested = {table: nested}
    assert all(map(is_one_line, told_about(preset=nested)))


@given(st.dictionaries(st.text(), _TOML_VALUES, max_size=3))
def test_no_table_breaks_anything(values: dict[str, object]) -> None:
    assert all(map(is_one_line, told_about(preset=values)))


@given(st.text(), st.text())
def test_no_variable_breaks_anything(name: str, value: str) -> None:
    assert all(map(is_one_line, told_about({f"MAINHUB_{name}__{name}": value})))
