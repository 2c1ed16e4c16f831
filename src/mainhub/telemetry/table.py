"""Every metric of MainHub. ``docs/telemetry.md`` tells the same to people, enforced by a test."""

from typing import Final

from mainhub.telemetry.metric import Label, Metric

__all__ = [
    "AUDIT_ENTRIES",
    "BREAKER_STATE",
    "BUILD",
    "CACHE_BYTES",
    "CACHE_COALESCED",
    "CACHE_ENTRIES",
    "CACHE_ERRORS",
    "CACHE_EVICTIONS",
    "CACHE_FILLS",
    "CACHE_LINKED",
    "CACHE_LOOKUPS",
    "CACHE_PENDING",
    "CACHE_REFUSED",
    "EVENTS_EMITTED",
    "FRONTEND_ERRORS",
    "GATEWAY_CALLS",
    "GATEWAY_DURATION",
    "GATEWAY_IN_FLIGHT",
    "GATEWAY_OUTCOMES",
    "HEALTH_STATE",
    "HTTP_DURATION",
    "HTTP_METHODS",
    "HTTP_REQUESTS",
    "LOG_LINES",
    "LOOP_LAG",
    "METRICS",
    "OPEN_FILES",
    "PIPELINE_ATTEMPTS",
    "PIPELINE_CALLS",
    "PIPELINE_IN_FLIGHT",
    "PIPELINE_REJECTED",
    "RESIDENT_MEMORY",
    "SESSIONS_ENDED",
    "SESSIONS_OPENED",
    "SIGN_INS",
    "START_TIME",
    "STREAMS_ENDED",
    "STREAMS_OPEN",
]

HTTP_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
GATEWAY_OUTCOMES: Final = (
    "answered",
    "service-error",
    "unreachable",
    "timeout",
    "unusable",
    "circuit-open",
    "bulkhead-full",
    "rate-limited",
    "cut",
    "client-gone",
    "refused",
    "no-token",
    "unavailable",
    "failed",
)

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LAG: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
_ROUTE: Final = Label("route", source="the hub's address table")
_METHOD: Final = Label("method", HTTP_METHODS)
_STATUS: Final = Label("status", ("1xx", "2xx", "3xx", "4xx", "5xx", "none"))
_SERVICE: Final = Label("service", source="`gateway.services`")
_OUTCOME: Final = Label("outcome", GATEWAY_OUTCOMES)

HTTP_REQUESTS: Final = Metric(
    "mainhub_http_requests_total",
    "counter",
    "{request}",
    (_ROUTE, _METHOD, _STATUS),
    "Requests that were answered. Status none: the answer never began.",
)
HTTP_DURATION: Final = Metric(
    "mainhub_http_request_duration_seconds",
    "histogram",
    "s",
    (_ROUTE, _METHOD, _STATUS),
    "From a request's head to its answer's last byte. Event streams are left out.",
    _SECONDS,
)
GATEWAY_CALLS: Final = Metric(
    "mainhub_gateway_calls_total",
    "counter",
    "{call}",
    (_SERVICE, _OUTCOME),
    "Calls to services by how they ended.",
)
GATEWAY_DURATION: Final = Metric(
    "mainhub_gateway_call_duration_seconds",
    "histogram",
    "s",
    (_SERVICE, _OUTCOME),
    "From sending a call on to the last byte of its answer.",
    _SECONDS,
)
GATEWAY_IN_FLIGHT: Final = Metric(
    "mainhub_gateway_calls_in_flight",
    "gauge",
    "{call}",
    (_SERVICE,),
    "Calls that services are working on.",
)
SESSIONS_OPENED: Final = Metric(
    "mainhub_sessions_opened_total", "counter", "{session}", (), "Sessions that began."
)
SESSIONS_ENDED: Final = Metric(
    "mainhub_sessions_ended_total",
    "counter",
    "{session}",
    (Label("reason", ("signed-out", "replaced", "revoked", "provider", "expired")),),
    "Sessions that ended, and why.",
)
SIGN_INS: Final = Metric(
    "mainhub_sign_ins_total",
    "counter",
    "{sign-in}",
    (Label("provider", source="`identity`"), Label("outcome", ("done", "refused", "failed"))),
    "Sign-ins that came back from a provider.",
)
EVENTS_EMITTED: Final = Metric(
    "mainhub_events_emitted_total",
    "counter",
    "{event}",
    (Label("type", source="the catalogue of events"),),
    "Events on the hub's bus.",
)
STREAMS_OPEN: Final = Metric(
    "mainhub_streams_open", "gauge", "{stream}", (), "Pages that listen for events."
)
STREAMS_ENDED: Final = Metric(
    "mainhub_streams_ended_total",
    "counter",
    "{stream}",
    (
        Label(
            "reason",
            (
                "left",
                "signed-out",
                "revoked",
                "replaced",
                "provider",
                "expired",
                "slow",
                "draining",
                "unavailable",
            ),
        ),
    ),
    "Event streams that ended, and why; left: the page went away.",
)
HEALTH_STATE: Final = Metric(
    "mainhub_health_state",
    "gauge",
    "{state}",
    (
        Label("check", source="the hub's checks"),
        Label("state", ("fine", "degraded", "failed", "unknown")),
    ),
    "1 for the state that a check is in, 0 for the others.",
)
_PIPELINE: Final = Label("pipeline", source="the hub's named pipelines", most=256)
PIPELINE_CALLS: Final = Metric(
    "mainhub_pipeline_calls_total",
    "counter",
    "{call}",
    (_PIPELINE, Label("outcome", ("ok", "failed", "neutral"))),
    "Calls through a pipeline by how they ended; neutral: nobody's fault.",
)
PIPELINE_REJECTED: Final = Metric(
    "mainhub_pipeline_rejected_total",
    "counter",
    "{call}",
    (
        _PIPELINE,
        Label(
            "reason",
            ("circuit_open", "bulkhead_full", "budget_exhausted", "deadline", "rate_limited"),
        ),
    ),
    "Calls that were not made, and why; budget_exhausted counts retries.",
)
PIPELINE_ATTEMPTS: Final = Metric(
    "mainhub_pipeline_attempts_total",
    "counter",
    "{attempt}",
    (_PIPELINE, Label("kind", ("retry", "hedge", "timeout", "fallback"))),
    "Retries and hedges that were made, attempts that timed out, and fallbacks taken.",
)
PIPELINE_IN_FLIGHT: Final = Metric(
    "mainhub_pipeline_in_flight",
    "gauge",
    "{call}",
    (_PIPELINE,),
    "Calls that are under way through a pipeline.",
)
BREAKER_STATE: Final = Metric(
    "mainhub_breaker_state",
    "gauge",
    "{state}",
    (_PIPELINE, Label("state", ("closed", "open", "half-open", "isolated", "disabled"))),
    "1 for the state that a circuit breaker is in, 0 for the others.",
)
CACHE_LOOKUPS: Final = Metric(
    "mainhub_cache_lookups_total",
    "counter",
    "{lookup}",
    (Label("outcome", ("l1-hit", "l2-hit", "stale", "miss", "unavailable")),),
    "What was asked of the cache; unavailable: level 2 was needed and did not answer.",
)
CACHE_FILLS: Final = Metric(
    "mainhub_cache_fills_total",
    "counter",
    "{fill}",
    (Label("outcome", ("made", "not-kept", "failed", "timeout")),),
    "Values that were made; not-kept: one that was made is void already.",
)
CACHE_COALESCED: Final = Metric(
    "mainhub_cache_coalesced_total",
    "counter",
    "{caller}",
    (),
    "Callers who were given the value of another's fill.",
)
CACHE_REFUSED: Final = Metric(
    "mainhub_cache_refused_total",
    "counter",
    "{value}",
    (
        Label(
            "reason",
            ("foreign", "future version", "truncated", "damaged", "oversized", "unreadable"),
        ),
    ),
    "Bytes in level 2 that were no value, and were deleted.",
)
CACHE_EVICTIONS: Final = Metric(
    "mainhub_cache_evictions_total",
    "counter",
    "{value}",
    (),
    "Values that level 1 let go for want of room.",
)
CACHE_ERRORS: Final = Metric(
    "mainhub_cache_level2_errors_total",
    "counter",
    "{command}",
    (),
    "Commands to level 2 that failed; those that its breaker held back are not among them.",
)
CACHE_ENTRIES: Final = Metric("mainhub_cache_entries", "gauge", "{value}", (), "Values in level 1.")
CACHE_BYTES: Final = Metric(
    "mainhub_cache_bytes", "gauge", "By", (), "Bytes of the values in level 1."
)
CACHE_LINKED: Final = Metric(
    "mainhub_cache_linked",
    "gauge",
    "1",
    (),
    "1 while changes of level 2 are heard, else 0; absent without a level 2.",
)
CACHE_PENDING: Final = Metric(
    "mainhub_cache_pending", "gauge", "{change}", (), "What level 2 has yet to be told."
)
FRONTEND_ERRORS: Final = Metric(
    "mainhub_frontend_errors_total",
    "counter",
    "{error}",
    (Label("app", source="the registered front-ends"),),
    "Errors that pages told of a front-end.",
)
AUDIT_ENTRIES: Final = Metric(
    "mainhub_audit_entries_total",
    "counter",
    "{entry}",
    (
        Label("action", source="the audit's actions"),
        Label("outcome", ("done", "refused", "failed")),
    ),
    "Entries of the audit record.",
)
LOG_LINES: Final = Metric(
    "mainhub_log_lines_total",
    "counter",
    "{line}",
    (Label("level", ("debug", "info", "warning", "error", "critical")),),
    "Log lines that were written.",
)
BUILD: Final = Metric(
    "mainhub_build_info",
    "gauge",
    "1",
    (Label("version", source="this MainHub"), Label("python", source="its Python")),
    "Always 1; the labels tell what runs.",
)
START_TIME: Final = Metric(
    "mainhub_process_start_time_seconds", "gauge", "s", (), "When the process began, in Unix time."
)
RESIDENT_MEMORY: Final = Metric(
    "mainhub_process_resident_memory_bytes", "gauge", "By", (), "Memory that the process holds."
)
OPEN_FILES: Final = Metric(
    "mainhub_process_open_fds", "gauge", "{file}", (), "Open files and connections."
)
LOOP_LAG: Final = Metric(
    "mainhub_event_loop_lag_seconds",
    "histogram",
    "s",
    (),
    "How late the event loop was, looked at each second. Above 0.1 s everybody waits.",
    _LAG,
)

METRICS: Final = (
    HTTP_REQUESTS,
    HTTP_DURATION,
    GATEWAY_CALLS,
    GATEWAY_DURATION,
    GATEWAY_IN_FLIGHT,
    SESSIONS_OPENED,
    SESSIONS_ENDED,
    SIGN_INS,
    EVENTS_EMITTED,
    STREAMS_OPEN,
    STREAMS_ENDED,
    HEALTH_STATE,
    PIPELINE_CALLS,
    PIPELINE_REJECTED,
    PIPELINE_ATTEMPTS,
    PIPELINE_IN_FLIGHT,
    BREAKER_STATE,
    CACHE_LOOKUPS,
    CACHE_FILLS,
    CACHE_COALESCED,
    CACHE_REFUSED,
    CACHE_EVICTIONS,
    CACHE_ERRORS,
    CACHE_ENTRIES,
    CACHE_BYTES,
    CACHE_LINKED,
    CACHE_PENDING,
    FRONTEND_ERRORS,
    AUDIT_ENTRIES,
    LOG_LINES,
    BUILD,
    START_TIME,
    RESIDENT_MEMORY,
    OPEN_FILES,
    LOOP_LAG,
)
"""All of them, in the order in which people read them."""
