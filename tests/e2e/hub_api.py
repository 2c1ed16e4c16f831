"""Calls to the hub out of a person's own page, as its front-ends make them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["HubAnswer", "call", "publish"]

_CALL = """async ([method, path, body]) => {
    const init = { method, headers: { "x-mainhub-csrf": "1", "x-mainhub-frontend": "dashboard" } };
    if (body !== null) {
        init.headers["content-type"] = "application/json";
        init.body = JSON.stringify(body);
    }
    const answer = await fetch(path, init);
    return [answer.status, await answer.text()];
}"""


@dataclass
class HubAnswer:
    """What the hub answered."""

    status: int
    body: Any

    @property
    def problem(self) -> str:
        return str(self.body["type"]).removeprefix("urn:mainhub:problem:")


def call(page: Page, method: str, path: str, body: object = None) -> HubAnswer:
    """Call the hub as the person whose page it is."""
    status, text = page.evaluate(_CALL, [method, path, body])
    return HubAnswer(status, json.loads(text) if text else None)


def publish(page: Page, type_: str, data: dict[str, object]) -> str:
    """Publish an event and return its id."""
    answer = call(page, "POST", "/hub/v1/events", {"type": type_, "data": data})
    assert answer.status == 202, answer
    return str(answer.body["id"])
