"""Is this process alive, may it be sent requests, and how is what it stands on?

For: orchestrators and load balancers, who ask ``/livez`` and ``/readyz``; people, who read
``/healthz`` or run ``mainhub doctor``; monitoring, which reads ``/metrics``. Not for: deciding
whether to serve: a hub that is degraded still serves, so no outage behind it makes it unready.

Invariants: asking costs nothing, since checks are looked at in the background; a probe may hang,
raise or come late without harm to any other; details are for administrators. What to look at is
handed in by ``app``: this room knows no other.
"""

from mainhub.health.check import (
    Check,
    Criticality,
    Finding,
    Kind,
    Probe,
    Result,
    State,
    answers,
)
from mainhub.health.checks import Checks, Report, overall
from mainhub.health.doctor import (
    Diagnosis,
    Examination,
    Examined,
    Verdict,
    examine,
    worst,
)
from mainhub.health.readiness import Phase, Readiness

__all__ = [
    "Check",
    "Checks",
    "Criticality",
    "Diagnosis",
    "Examination",
    "Examined",
    "Finding",
    "Kind",
    "Phase",
    "Probe",
    "Readiness",
    "Report",
    "Result",
    "State",
    "Verdict",
    "answers",
    "examine",
    "overall",
    "worst",
]
