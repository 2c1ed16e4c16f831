from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.telemetry import get_logger, request_trace
from mainhub.telemetry.logs import mask_secrets
from telemetry.log_capture import CapturedLog, captured_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainhub.telemetry import LogFormat

# Header and payload of a JWT, the signature made up.
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl-_x"
MASK = "********"


@pytest.fixture
def log() -> Iterator[CapturedLog]:
    with captured_log() as log:
        yield log


def test_a_line_is_an_event_and_its_facts(log: CapturedLog) -> None:
    get_logger("orders").info("orders.read", count=3, late=None, ids=["a", "b"])
    (line,) = log.lines
    at = datetime.fromisoformat(line.pop("timestamp"))
    assert at.tzinfo == UTC
    assert line == {
        "event": "orders.read",
        "room": "orders",
        "level": "info",
        "count": 3,
        "late": None,
        "ids": ["a", "b"],
    }


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "token",
        "access_token",
        "client_secret",
        "password",
        "code",
        "code_verifier",
        "client_assertion",
    ],
)
def test_what_is_named_like_a_secret_is_masked(log: CapturedLog, name: str) -> None:
    get_logger("x").warning("e", **{name: "hunter2", "deeper": {name: "hunter2"}})
    (line,) = log.lines
    assert line[name] == line["deeper"][name] == MASK
    assert "hunter2" not in log.text


@pytest.mark.parametrize("name", ["status_code", "tokens_made", "encode", "path", "secretary"])
def test_what_only_sounds_like_one_is_kept(log: CapturedLog, name: str) -> None:
    get_logger("x").warning("e", **{name: "plain"})
    assert log.lines[0][name] == "plain"


class Odd:
    def __repr__(self) -> str:
        return f"<Odd {JWT}>"


@pytest.mark.parametrize(
    "value",
    [
        JWT,
        f"got {JWT}, sorry",
        f"Bearer {JWT}",
        [JWT],
        (f"{JWT}",),
        {"inner": [JWT]},
        {JWT},
        JWT.encode(),
        ValueError(JWT),
        Odd(),
        f"https://x/?code={JWT}",
    ],
)
@pytest.mark.parametrize("output", ["json", "console"])
def test_a_token_is_masked_wherever_it_stands(value: object, output: LogFormat) -> None:
    with captured_log(output=output) as log:
        get_logger("x").warning("e", fact=value)
    assert MASK in log.text
    assert "c2lnbmF0dXJl" not in log.text
    assert "eyJzdWI" not in log.text


@pytest.mark.parametrize(
    ("value", "kept", "gone"),
    [
        ("Bearer opaque-0.AX_y", "Bearer", "opaque"),
        ("authorization: bearer b64+/==", "bearer", "b64"),
        ("/auth/callback/entra?code=0.AXs&state=1", "state=1", "0.AXs"),
        ("grant_type=x&refresh_token=1.Qz&scope=y", "scope=y", "1.Qz"),
        ("access_token=abc", "access_token", "=abc"),
        ("client_secret=p4ss&x=1", "x=1", "p4ss"),
    ],
)
def test_what_oauth_carries_in_texts_is_masked(
    log: CapturedLog, value: str, kept: str, gone: str
) -> None:
    get_logger("x").warning("e", url=value)
    shown = log.lines[0]["url"]
    assert kept in shown
    assert MASK in shown
    assert gone not in shown


def test_the_text_of_an_exception_is_masked_too(log: CapturedLog) -> None:
    def fail() -> None:
        raise ValueError(f"cannot read {JWT}")

    try:
        fail()
    except ValueError:
        get_logger("x").exception("e")
    (line,) = log.lines
    assert "ValueError: cannot read ********" in line["exception"]


def test_ids_of_a_request_stand_on_its_lines_and_no_others(log: CapturedLog) -> None:
    logger = get_logger("x")
    logger.info("before")
    with request_trace(None) as trace:
        logger.info("inside")
        logging.getLogger("library").warning("foreign")
    logger.info("after")
    before, inside, foreign, after = log.lines
    for line in (inside, foreign):
        assert (line["trace_id"], line["request_id"]) == (trace.trace_id, trace.request_id)
    assert not {"trace_id", "request_id"} & (before.keys() | after.keys())


def test_a_librarys_lines_pass_the_same_way(log: CapturedLog) -> None:
    logging.getLogger("uvicorn.error").warning("bad %s from %s", f"Bearer {JWT}", "1.2.3.4")
    (line,) = log.lines
    assert line["event"] == "bad Bearer ******** from 1.2.3.4"
    assert (line["room"], line["level"]) == ("uvicorn.error", "warning")
    assert "timestamp" in line


def test_a_librarys_exception_is_told_on_one_line(log: CapturedLog) -> None:
    try:
        int(JWT)
    except ValueError:
        logging.getLogger("aiohttp").exception("failed")
    (line,) = log.lines
    assert "ValueError: invalid literal for int() with base 10: '********'" in line["exception"]


def test_a_librarys_chatter_is_left_out(log: CapturedLog) -> None:
    logging.getLogger("alembic.runtime").info("Running upgrade")
    get_logger("x").debug("chatter")
    assert log.text == ""


def test_debug_shows_our_own_chatter() -> None:
    with captured_log(level="debug") as log:
        get_logger("x").debug("chatter")
        logging.getLogger("library").debug("chatter")
    assert log.events == ["chatter"]


@pytest.mark.parametrize("value", [1 << 80, "half a pair \ud800", {1: "x"}, Path("/x"), b"\xff"])
def test_no_value_loses_its_line(log: CapturedLog, value: object) -> None:
    get_logger("x").warning("e", value=value)
    assert log.events == ["e"]


def test_text_for_people_stands_on_one_line() -> None:
    with captured_log(output="console") as log:
        get_logger("orders").info("orders.read", count=3, name="two\nlines")
    assert log.text.count("\n") == 1
    assert "orders.read" in log.text
    assert "count=3" in log.text
    assert "\x1b" not in log.text


def test_lines_go_to_stderr_unless_told_otherwise(
    capsys: pytest.CaptureFixture[str], log: CapturedLog
) -> None:
    from mainhub.telemetry import configure

    configure(level="info", output="json")
    print("result", file=sys.stdout)  # noqa: T201 - what a command would answer
    get_logger("x").info("told")
    out, err = capsys.readouterr()
    assert out == "result\n"
    assert '"event":"told"' in err
    assert log.text == ""


words = st.text(max_size=20)


@given(st.dictionaries(words, st.recursive(words, st.lists, max_leaves=5)), words, words)
def test_masking_never_fails_and_leaves_no_token(
    facts: dict[str, Any], before: str, after: str
) -> None:
    event = mask_secrets(None, "info", {**facts, "told": f"{before} {JWT} {after}"})
    assert JWT not in str(event)
