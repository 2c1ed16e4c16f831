"""The instruments that rooms count and measure with; labels stay within what the table allows.

Counters and gauges are kept here as plain numbers and read when somebody asks, since adding to an
OpenTelemetry counter costs some 15 µs and adding to a number a hundredth of that.
"""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, NoOpMeter, Observation
from opentelemetry.metrics import Histogram as SdkHistogram

from mainhub.telemetry.metric import OTHER, Label, Metric

__all__ = ["Counter", "Histogram", "Level", "Metrics", "Reading"]

Reading = tuple[float, Mapping[str, str]]
"""A value and its labels."""

_MOST_SERIES: Final = 1000


class _Labels:
    """Turns a room's words into label values, never more of them than allowed."""

    def __init__(self, labels: tuple[Label, ...]) -> None:
        self._labels = labels
        self._names = tuple(label.name for label in labels)
        self._learned: dict[str, set[str]] = {label.name: set() for label in labels}
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def values(self, words: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values of *words* in the order of the labels.

        Raises:
            KeyError: a label is missing: a fault of the caller's code.
        """
        given = tuple([words[name] for name in self._names])
        found = self._known.get(given)
        if found is None:
            found = tuple(map(self._allowed, self._labels, given))
            # Only what came out unchanged: what a caller makes up must not fill this either.
            if found == given and len(self._known) < _MOST_SERIES:
                self._known[given] = found
        return found

    def named(self, values: tuple[str, ...]) -> dict[str, str]:
        """Return *values* by label."""
        return dict(zip(self._names, values, strict=True))

    def _allowed(self, label: Label, value: str) -> str:
        if label.values:
            return value if value in label.values else OTHER
        learned = self._learned[label.name]
        if value in learned:
            return value
        if len(learned) >= label.most:
            return OTHER
        learned.add(value)
        return value


class _Numbers:
    """One number for each combination of labels; any thread may change or read them."""

    def __init__(self, labels: tuple[Label, ...]) -> None:
        self._labels = _Labels(labels)
        # What has no labels is 0 from the start; the rest appears with its first value.
        self._numbers: dict[tuple[str, ...], float] = {} if labels else {(): 0}
        self._lock = Lock()

    def add(self, amount: float, words: Mapping[str, str]) -> None:
        values = self._labels.values(words)
        with self._lock:
            if values in self._numbers or len(self._numbers) < _MOST_SERIES:
                self._numbers[values] = self._numbers.get(values, 0) + amount

    def observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            numbers = list(self._numbers.items())
        return [Observation(number, self._labels.named(values)) for values, number in numbers]


class Counter:
    """Counts what happens; never goes back."""

    def __init__(self, numbers: _Numbers) -> None:
        self._numbers = numbers

    def add(self, amount: int = 1, /, **labels: str) -> None:
        """Count *amount* more under *labels*."""
        self._numbers.add(amount, labels)


class Level:
    """How many of something there are at the moment."""

    def __init__(self, numbers: _Numbers) -> None:
        self._numbers = numbers

    def change(self, by: int, /, **labels: str) -> None:
        """Count *by* more, or fewer, under *labels*."""
        self._numbers.add(by, labels)


class Histogram:
    """Measures how long, or how much."""

    def __init__(self, labels: tuple[Label, ...], inner: SdkHistogram) -> None:
        self._labels = _Labels(labels)
        self._inner = inner

    def record(self, value: float, /, **labels: str) -> None:
        """Add *value* under *labels*."""
        self._inner.record(value, self._labels.named(self._labels.values(labels)))


class Metrics:
    """Gives each room its instruments; the same metric always gives the same instrument."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._made: dict[str, Counter | Level | Histogram] = {}

    @classmethod
    def unread(cls) -> "Metrics":
        """Return instruments that nobody reads, for a room that was given none."""
        return cls(NoOpMeter("mainhub"))

    def counter(self, metric: Metric) -> Counter:
        """Return the counter of *metric*."""
        made = self._made.get(metric.name)
        if not isinstance(made, Counter):
            numbers = _Numbers(metric.labels)
            self._meter.create_observable_counter(
                metric.name, [numbers.observe], unit=metric.unit, description=metric.about
            )
            made = self._made[metric.name] = Counter(numbers)
        return made

    def level(self, metric: Metric) -> Level:
        """Return the gauge of *metric* as something that rooms count up and down."""
        made = self._made.get(metric.name)
        if not isinstance(made, Level):
            numbers = _Numbers(metric.labels)
            self._observe(metric, numbers.observe)
            made = self._made[metric.name] = Level(numbers)
        return made

    def histogram(self, metric: Metric) -> Histogram:
        """Return the histogram of *metric*."""
        made = self._made.get(metric.name)
        if not isinstance(made, Histogram):
            inner = self._meter.create_histogram(
                metric.name,
                unit=metric.unit,
                description=metric.about,
                explicit_bucket_boundaries_advisory=list(metric.buckets),
            )
            made = self._made[metric.name] = Histogram(metric.labels, inner)
        return made

    def total(self, metric: Metric, read: Callable[[], Iterable[Reading]]) -> None:
        """Ask *read*, which keeps the count itself, whenever somebody wants the values of *metric*.

        It may be asked from another thread, so it only looks.
        """
        self._meter.create_observable_counter(
            metric.name,
            [_asking(metric, read)],
            unit=metric.unit,
            description=metric.about,
        )

    def gauge(self, metric: Metric, read: Callable[[], Iterable[Reading]]) -> None:
        """Ask *read* whenever somebody wants the values of *metric*.

        It may be asked from another thread, so it only looks.
        """
        self._observe(metric, _asking(metric, read))

    def _observe(
        self, metric: Metric, observe: Callable[[CallbackOptions], Iterable[Observation]]
    ) -> None:
        self._meter.create_observable_gauge(
            metric.name, [observe], unit=metric.unit, description=metric.about
        )


def _asking(
    metric: Metric, read: Callable[[], Iterable[Reading]]
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    labels = _Labels(metric.labels)

    def observe(_options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, labels.named(labels.values(words))) for value, words in read()]

    return observe
