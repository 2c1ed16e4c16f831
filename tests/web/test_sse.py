from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web.sse import comment, frame

TEXT = st.text(st.characters(codec="utf-8"))
ONE_LINE = TEXT.filter(lambda text: not set(text) & set("\r\n\0"))


@dataclass
class Parsed:
    """A reader after the rules of WHATWG HTML, 9.2.6, written apart from what it checks."""

    events: list[tuple[str, str, str]] = field(default_factory=list)
    last_id: str = ""
    retry: int | None = None
    _type: str = ""
    _data: str = ""
    _id: str = ""

    @classmethod
    def read(cls, stream: bytes) -> Parsed:
        parsed = cls()
        text = stream.decode().removeprefix("\ufeff")
        # What follows the last line end is an unfinished line, and discarded.
        for line in re.split("\r\n|\n|\r", text)[:-1]:
            parsed._line(line)
        return parsed

    def _line(self, line: str) -> None:
        if not line:
            self._dispatch()
            return
        name, colon, value = line.partition(":")
        if not name and colon:
            return
        value = value.removeprefix(" ")
        if name == "event":
            self._type = value
        elif name == "data":
            self._data += value + "\n"
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            self.retry = int(value)

    def _dispatch(self) -> None:
        self.last_id = self._id
        if self._data:
            self.events.append((self._type or "message", self._data[:-1], self.last_id))
        self._data = self._type = ""


def as_lines(text: str) -> str:
    return re.sub("\r\n|\r", "\n", text)


@given(st.lists(st.tuples(TEXT, st.none() | ONE_LINE, st.none() | ONE_LINE), max_size=5))
def test_a_reader_gets_what_was_framed(sent: list[tuple[str, str | None, str | None]]) -> None:
    stream = b"".join(frame(data, event=event, id_=id_) for data, event, id_ in sent)
    parsed = Parsed.read(stream)
    expected, last = [], ""
    for data, event, id_ in sent:
        last = last if id_ is None else id_
        expected.append((event or "message", as_lines(data), last))
    assert parsed.events == expected


@given(TEXT, TEXT)
def test_data_never_becomes_another_field(data: str, injected: str) -> None:
    for end in ("\n", "\r", "\r\n"):
        hostile = f"{data}{end}event: end{end}id: forged{end}retry: 0{end}{end}data: {injected}"
        parsed = Parsed.read(frame(hostile, id_="1"))
        assert parsed.events == [("message", as_lines(hostile), "1")]
        assert parsed.retry is None


@pytest.mark.parametrize("hostile", ["a\nb", "a\rb", "a\r\ndata: x", "a\0b"])
def test_refuses_an_id_or_a_name_that_is_more_than_a_line(hostile: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        frame("x", id_=hostile)
    with pytest.raises(ValueError, match="one line"):
        frame("x", event=hostile)


def test_an_event_with_all_fields() -> None:
    stream = frame('{"a":1}', event="hello", id_="x-1", retry_ms=2000)
    assert stream == b'retry: 2000\nevent: hello\nid: x-1\ndata: {"a":1}\n\n'
    assert Parsed.read(stream).retry == 2000


def test_a_comment_is_no_event() -> None:
    assert comment("beat") == b": beat\n\n"
    assert not Parsed.read(comment("beat") + comment("data: x")).events
    with pytest.raises(ValueError, match="one line"):
        comment("a\ndata: b")
