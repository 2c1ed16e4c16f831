from __future__ import annotations

import pytest

from mainhub.settings import SettingsInvalid, load

COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"


def shown(
    environ: dict[str, str], *, vendor_names: bool = True
) -> dict[str, tuple[str | None, str]]:
    rows = load(config=None, environ=environ, vendor_names=vendor_names).rows()
    return {
        row.path.removeprefix("telemetry."): (row.value, row.source)
        for row in rows
        if row.path.startswith("telemetry.")
    }


def test_sends_nothing_anywhere_by_itself() -> None:
    assert shown({})["exporter"] == ("none", "default")


def test_understands_four_names_of_opentelemetry_and_tells_their_source() -> None:
    told = shown(
        {
            COLLECTOR: "https://collector.example/otlp",
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s3cret",
            "OTEL_SERVICE_NAME": "hub-eu",
            "OTEL_TRACES_SAMPLER_ARG": "0.25",
            "OTEL_SDK_DISABLED": "true",
        }
    )
    assert told["otlp_endpoint"] == (
        "https://collector.example/otlp",
        f"environment {COLLECTOR}",
    )
    assert told["otlp_headers"] == ("********", "environment OTEL_EXPORTER_OTLP_HEADERS")
    assert told["service_name"] == ("hub-eu", "environment OTEL_SERVICE_NAME")
    assert told["sample_ratio"] == ("0.25", "environment OTEL_TRACES_SAMPLER_ARG")
    assert told["exporter"] == ("otlp", f"environment {COLLECTOR}")


def test_our_own_word_on_the_exporter_stands() -> None:
    told = shown({COLLECTOR: "http://c:4318", "MAINHUB_TELEMETRY__EXPORTER": "none"})
    assert told["exporter"] == ("none", "environment MAINHUB_TELEMETRY__EXPORTER")


def test_where_vendors_names_do_not_count_nothing_is_sent() -> None:
    told = shown({COLLECTOR: "http://c:4318"}, vendor_names=False)
    assert told["exporter"] == ("none", "default")
    assert load(config=None, environ={COLLECTOR: "x"}, vendor_names=False).ignored == (COLLECTOR,)


def test_headers_are_read_as_opentelemetry_writes_them() -> None:
    environ = {"MAINHUB_TELEMETRY__OTLP_HEADERS": "Api-Key=a%20b%2Cc, x-team=hub ,"}
    telemetry = load(config=None, environ=environ).settings.telemetry
    assert telemetry.collector_headers() == {"api-key": "a b,c", "x-team": "hub"}
    assert load(config=None, environ={}).settings.telemetry.collector_headers() == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("OTLP_HEADERS", "s3cret"),
        ("OTLP_HEADERS", "a=s3cret%0d%0aX:y"),
        ("OTLP_HEADERS", "bad name=s3cret"),
        ("OTLP_ENDPOINT", "http://user:s3cret@collector"),
        ("OTLP_ENDPOINT", "collector:4317"),
        ("OTLP_ENDPOINT", "grpc://collector:4317"),
        ("METRICS_TOKEN", "s3cret"),
        ("METRICS_TOKEN", "s3cret with white space"),
        ("SAMPLE_RATIO", "1.1"),
        ("SAMPLE_RATIO", "nan"),
        ("SAMPLE_RATIO", "half"),
        ("EXPORTER", "jaeger"),
        ("SERVICE_NAME", "two words"),
    ],
)
def test_what_is_wrong_is_told_without_a_secret(key: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        load(config=None, environ={f"MAINHUB_TELEMETRY__{key}": value})
    assert f"telemetry.{key.lower()}" in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("path", ["healthz", "//x", "/a?b", "/a#b", "/a b", "http://x/"])
def test_a_services_health_is_a_path(path: str) -> None:
    environ = {
        "MAINHUB_GATEWAY__SERVICES__ORDERS__UPSTREAMS": "http://127.0.0.1:9000",
        "MAINHUB_GATEWAY__SERVICES__ORDERS__HEALTH": path,
    }
    with pytest.raises(SettingsInvalid, match="expected a path without query"):
        load(config=None, environ=environ)
