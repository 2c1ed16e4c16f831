"""What a metric is: its name, its labels and the values that these may take."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["OTHER", "Label", "Metric"]

OTHER = "other"
"""What a label says for every value that it does not know."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a metric.

    *values* are all that it may say, besides ``other``. Where they come from code or settings that
    this table does not know, it is empty: then the first *most* values count, and *source* tells
    people where they come from.
    """

    name: str
    values: tuple[str, ...] = ()
    source: str = ""
    most: int = 100


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as Prometheus and collectors know it.

    *unit* is in UCUM (``s``, ``By``, ``{request}``); *buckets* are the upper bounds of a histogram.
    """

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    labels: tuple[Label, ...]
    about: str
    buckets: tuple[float, ...] = ()
