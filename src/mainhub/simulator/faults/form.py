"""Reading a form of the page as the document that a program would send."""

from typing import Final
from urllib.parse import parse_qsl

from mainhub.simulator.faults.fault import Mode

_MOST_FIELDS: Final = 20
_OF_ALL: Final = ("share", "only", "for")
_OF_MODE: Final = {Mode.SLOW.value: ("seconds",), Mode.ERROR.value: ("status",)}


def read_form(text: str) -> dict[str, object]:
    """Return what of the form belongs to the mode of its pressed button; empty is not given.

    What is no number is left as it is: whoever reads the document refuses it.
    """
    try:
        fields = dict(parse_qsl(text, max_num_fields=_MOST_FIELDS))
    except ValueError:
        fields = {}
    mode = fields.get("mode", "")
    document: dict[str, object] = {"mode": mode}
    if mode == Mode.FINE:
        return document
    for name in (*_OF_MODE.get(mode, ()), *_OF_ALL):
        if given := fields.get(name, "").strip():
            document[name] = given if name == "only" else _number(given)
    return document


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text
