"""Switches and deeds over HTTP: how the tenant behaves, and what is done to it once."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mainhub.simulator.accounts import Account
from mainhub.simulator.conduct import CHOICES, NotKept, Switch, WrongSetting
from mainhub.simulator.conduct.switch import read_switch
from mainhub.simulator.deeds import Deeds
from mainhub.simulator.faults.behaviour import Done
from mainhub.simulator.faults.body import form_of, json_of
from mainhub.simulator.faults.origin import require_own_page, require_own_program
from mainhub.simulator.faults.page import FaultsPage
from mainhub.simulator.faults.problems import DeskProblem

_MOST_TIMES: Final = 1000
_LONGEST: Final = 3600
_MOST_DIGITS: Final = 6
_OF_PEOPLE: Final = frozenset({"revoke", "sign-out"})
_Deed = Callable[[Mapping[str, object]], Awaitable[dict[str, object]]]
_MEMBERS: Final = frozenset({"value", "account", "times"})


class SwitchDesk:
    """Answers ``/_sim/switches`` and ``/_sim/deeds``; *page* is at *home*."""

    def __init__(self, deeds: Deeds, *, page: FaultsPage, home: str) -> None:
        self._deeds = deeds
        self._page = page
        self._home = home

    async def all(self, request: Request) -> Response:
        """Tell every switch, or put all back to normal (``DELETE``, or the page's form)."""
        if request.method == "POST":
            require_own_page(request)
            self._forget()
            return self._back(request)
        if request.method == "DELETE":
            require_own_program(request)
            self._forget()
        return JSONResponse({"items": [self._told(switch) for switch in Switch]})

    async def one(self, request: Request) -> Response:
        """Tell or change one switch; a wrong form of the page gets the page again."""
        if request.method == "POST":
            require_own_page(request)
            form = await form_of(request)
            try:
                switch = self._change(request, form)
            except DeskProblem as problem:
                return self._page.render(request, problem=problem)
            return self._back(request, f"#{switch}")
        told: object = None
        if request.method == "PUT":
            require_own_program(request)
            told = await json_of(request, sample='{"value": "mfa"}')
        elif request.method == "DELETE":
            require_own_program(request)
            told = {}
        return JSONResponse(self._told(self._change(request, told)))

    def _change(self, request: Request, told: object) -> Switch:
        """Set the switch that *request* names as it is *told*; nothing told changes nothing."""
        try:
            switch = read_switch(request.path_params["switch"])
            if request.method == "DELETE":
                self._put(switch, {"value": CHOICES[switch][0]})
            elif told is not None:
                self._put(switch, told)
        except WrongSetting as error:
            raise DeskProblem.wrong_setting(str(error), error.remedy) from error
        except NotKept as error:
            raise DeskProblem.not_kept(str(error)) from error
        return switch

    async def deed(self, request: Request) -> Response:
        """Do something to the tenant, as a program (JSON) or with a form of the page."""
        deeds = self._known_deeds()
        name = request.path_params["deed"]
        if name not in deeds:
            raise DeskProblem.unknown_deed(f"There are: {', '.join(deeds)}.")
        is_page = "x-www-form-urlencoded" in request.headers.get("content-type", "")
        if is_page:
            require_own_page(request)
            told: object = await form_of(request)
        else:
            require_own_program(request)
            told = await json_of(request, sample='{"account": "linus"}')
        try:
            done = await deeds[name](_object(told))
        except NotKept as error:
            raise DeskProblem.not_kept(str(error)) from error
        if not is_page:
            return JSONResponse({"deed": name, **done})
        answers = done.get("answers")
        self._page.done = Done(
            name,
            self._account(_object(told)) if name in _OF_PEOPLE else None,
            tuple(map(str, answers)) if isinstance(answers, list) else None,
        )
        return self._back(request, "#deeds")

    def _known_deeds(self) -> dict[str, _Deed]:
        deeds = self._deeds

        async def rotate(told: Mapping[str, object]) -> dict[str, object]:
            after = _counted("after", told.get("after"), most=_LONGEST)
            forget_after = None if after is None else timedelta(seconds=after)
            return {"kid": deeds.rotate_keys(forget_after=forget_after)}

        async def replace(_: Mapping[str, object]) -> dict[str, object]:
            return {"kid": deeds.rotate_keys(forget=True)}

        async def forget(_: Mapping[str, object]) -> dict[str, object]:
            deeds.forget_old_keys()
            return {}

        async def revoke(told: Mapping[str, object]) -> dict[str, object]:
            return {"since": deeds.revoke(self._account(told).oid)}

        async def sign_out(told: Mapping[str, object]) -> dict[str, object]:
            return {"answers": await deeds.sign_out(self._account(told).oid)}

        return {
            "rotate-keys": rotate,
            "replace-keys": replace,
            "forget-old-keys": forget,
            "revoke": revoke,
            "sign-out": sign_out,
        }

    def _put(self, switch: Switch, document: object) -> None:
        told = _object(document)
        for name in told:
            if name not in _MEMBERS:
                raise DeskProblem.wrong_setting(
                    f"There is no member {name[:60]!r}",
                    f"There are: {', '.join(sorted(_MEMBERS))}.",
                )
        oid = self._account(told).oid if told.get("account") else None
        value, times = (
            str(told.get("value", "")),
            _counted("times", told.get("times"), most=_MOST_TIMES),
        )
        self._deeds.conduct.put(switch, value, oid=oid, times=times)

    def _account(self, told: Mapping[str, object]) -> Account:
        account = self._deeds.account(str(told.get("account", "")))
        if account is None:
            names = [one.address.partition("@")[0] for one in self._deeds.accounts]
            raise DeskProblem.wrong_setting(
                "account names nobody of the tenant", f"There are: {', '.join(names)}."
            )
        return account

    def _told(self, switch: Switch) -> dict[str, object]:
        setting = self._deeds.conduct.of(switch)
        return {
            "switch": switch.value,
            "value": setting.value,
            "account": setting.oid,
            "times": setting.times,
            "choices": list(CHOICES[switch]),
        }

    def _forget(self) -> None:
        conduct = self._deeds.conduct
        try:
            for switch in Switch:
                conduct.put(switch, CHOICES[switch][0])
        except NotKept as error:
            raise DeskProblem.not_kept(str(error)) from error

    def _back(self, request: Request, fragment: str = "") -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self._home}{query}{fragment}", HTTPStatus.SEE_OTHER)


def _object(document: object) -> Mapping[str, object]:
    if not isinstance(document, Mapping):
        raise DeskProblem.wrong_setting("The body is no JSON object", 'Send {"value": "mfa"}.')
    return document


def _counted(name: str, value: object, *, most: int) -> int | None:
    if value is None or value == "":
        return None
    text = str(value)
    if not (
        text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and 1 <= int(text) <= most
    ):
        raise DeskProblem.wrong_setting(
            f"{name} is {text[:60]!r}", f"Give {name} a whole number from 1 to {most}."
        )
    return int(text)
