from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from gateway.served import eventually
from mainhub.clock import SystemClock
from mainhub.telemetry import (
    OTHER,
    Counts,
    Label,
    Metric,
    Metrics,
    TelemetryOptions,
    get_logger,
    start,
    table,
)
from telemetry.log_capture import captured_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainhub.telemetry.telemetry import Telemetry

THINGS = Metric(
    "mainhub_things_total", "counter", "{thing}", (Label("kind", ("a", "b")),), "Things."
)
NAMED = Metric(
    "mainhub_named_total", "counter", "{thing}", (Label("name", source="x", most=3),), "Named."
)


def started() -> Telemetry:
    return start(TelemetryOptions(version="1.2"), clock=SystemClock())


def series(telemetry: Telemetry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = telemetry.exposition()[0].decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return series(telemetry).get((name, tuple(sorted(labels.items()))))


def test_counts_under_labels() -> None:
    telemetry = started()
    things = telemetry.metrics.counter(THINGS)
    things.add(kind="a")
    things.add(2, kind="b")
    things.add(kind="c")
    assert telemetry.metrics.counter(THINGS) is things
    for kind, number in (("a", 1), ("b", 2), (OTHER, 1)):
        assert value(telemetry, "mainhub_things_total", kind=kind) == number


def test_a_metric_without_labels_is_there_from_the_start() -> None:
    telemetry = started()
    Counts(telemetry.metrics)
    assert value(telemetry, "mainhub_sessions_opened_total") == 0


def test_a_missing_label_is_a_fault_of_code() -> None:
    with pytest.raises(KeyError):
        started().metrics.counter(THINGS).add()


def test_no_more_values_are_learned_than_allowed() -> None:
    telemetry = started()
    for name in "abcdefg":
        telemetry.metrics.counter(NAMED).add(name=name)
    found = {key[1][0][1]: number for key, number in series(telemetry).items()}
    assert found == {"a": 1, "b": 1, "c": 1, OTHER: 4}


@given(st.lists(st.text(), max_size=300))
def test_whatever_is_said_the_series_stay_bounded(words: list[str]) -> None:
    telemetry = started()
    for word in words:
        telemetry.metrics.counter(NAMED).add(name=word)
        telemetry.metrics.counter(THINGS).add(kind=word)
    assert len(series(telemetry)) <= 3 + 1 + 2 + 1


def test_a_level_goes_up_and_down() -> None:
    telemetry = started()
    level = telemetry.metrics.level(table.GATEWAY_IN_FLIGHT)
    level.change(1, service="orders")
    level.change(1, service="orders")
    level.change(-1, service="orders")
    assert value(telemetry, "mainhub_gateway_calls_in_flight", service="orders") == 1


def test_a_histogram_has_its_own_buckets() -> None:
    telemetry = started()
    lag = telemetry.metrics.histogram(table.LOOP_LAG)
    lag.record(0.02)
    bucket = "mainhub_event_loop_lag_seconds_bucket"
    assert value(telemetry, bucket, le="0.01") == 0
    assert value(telemetry, bucket, le="0.05") == 1
    assert value(telemetry, "mainhub_event_loop_lag_seconds_count") == 1


def test_instruments_that_nobody_reads_cost_nothing_to_have() -> None:
    metrics = Metrics.unread()
    metrics.counter(THINGS).add(kind="a")
    metrics.histogram(table.LOOP_LAG).record(1)
    metrics.gauge(table.STREAMS_OPEN, lambda: [(1, {})])


def test_counts_what_rooms_tell() -> None:
    telemetry = started()
    counts = Counts(telemetry.metrics)
    counts.session_opened()
    counts.session_ended("revoked")
    counts.sign_in("entra", "done")
    counts.event("theme:changed")
    counts.streams(lambda: 7)
    counts.stream_ended("slow")
    counts.frontend_error("dashboard", {"dashboard"})
    counts.frontend_error("made-up", {"dashboard"})
    counts.frontend_error({"not": "text"}, {"dashboard"})
    counts.audited("signin.done", "done")
    for number, name, labels in (
        (1, "sessions_opened_total", {}),
        (1, "sessions_ended_total", {"reason": "revoked"}),
        (1, "sign_ins_total", {"provider": "entra", "outcome": "done"}),
        (1, "events_emitted_total", {"type": "theme:changed"}),
        (7, "streams_open", {}),
        (1, "streams_ended_total", {"reason": "slow"}),
        (1, "frontend_errors_total", {"app": "dashboard"}),
        (2, "frontend_errors_total", {"app": OTHER}),
        (1, "audit_entries_total", {"action": "signin.done", "outcome": "done"}),
    ):
        assert value(telemetry, f"mainhub_{name}", **labels) == number


@pytest.mark.anyio
async def test_tells_of_the_process_and_its_log_lines() -> None:
    with captured_log() as log:
        async with started() as telemetry:
            get_logger("x").info("one")
            get_logger("x").debug("below the level")
            logging.getLogger("library").warning("two")
            assert value(telemetry, "mainhub_log_lines_total", level="info") == 1
            assert value(telemetry, "mainhub_log_lines_total", level="warning") == 1
            assert value(telemetry, "mainhub_log_lines_total", level="debug") is None
            found = {name: number for (name, _), number in series(telemetry).items()}
        assert found["mainhub_build_info"] == 1
        assert found["mainhub_process_start_time_seconds"] > 1.7e9
        assert found["mainhub_process_resident_memory_bytes"] > 1e7
        assert found["mainhub_process_open_fds"] > 3
        get_logger("x").info("afterwards")
        assert value(telemetry, "mainhub_log_lines_total", level="info") == 1
    assert log.events == ["one", "two", "afterwards"]


@pytest.mark.parametrize(
    ("accept", "begins", "read"),
    [
        ("", "text/plain; version=", text_string_to_metric_families),
        ("text/plain", "text/plain; version=", text_string_to_metric_families),
        (
            "application/openmetrics-text; version=1.0.0",
            "application/openmetrics-text",
            openmetrics_families,
        ),
    ],
)
def test_speaks_the_format_that_is_asked_for(
    accept: str, begins: str, read: Callable[[str], object]
) -> None:
    telemetry = started()
    telemetry.metrics.counter(THINGS).add(kind="a")
    telemetry.metrics.histogram(table.LOOP_LAG).record(0.1)
    body, media_type = telemetry.exposition(accept)
    assert media_type.startswith(begins)
    assert list(read(body.decode()))  # type: ignore[call-overload]


def test_names_are_told_as_they_are_declared() -> None:
    telemetry = started()
    for metric in table.METRICS:
        words = {label.name: (*label.values, "x")[0] for label in metric.labels}
        if metric.kind == "counter":
            telemetry.metrics.counter(metric).add(**words)
        elif metric.kind == "histogram":
            telemetry.metrics.histogram(metric).record(1, **words)
        else:
            telemetry.metrics.level(metric).change(1, **words)
    names = {name for name, _ in series(telemetry)}
    for metric in table.METRICS:
        suffix = "_count" if metric.kind == "histogram" else ""
        assert f"{metric.name}{suffix}" in names
    stems = tuple(metric.name for metric in table.METRICS)
    assert all(name.startswith(stems) for name in names)


@pytest.mark.anyio
async def test_the_loops_lag_is_measured() -> None:
    with captured_log():
        async with started() as telemetry:
            name = "mainhub_event_loop_lag_seconds_count"
            await eventually(lambda: bool(value(telemetry, name)))
