"""One exchange: the client's request to the service, the service's answer back, as they come."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from mainhub.errors import MainHubError, Unavailable
from mainhub.gateway.answer import Answer, Receive, Refusal
from mainhub.gateway.challenge import demanded_claims
from mainhub.gateway.opening import Opening, ServiceBusy, ServiceFault, TheClientsDoing
from mainhub.gateway.patience import Patience
from mainhub.gateway.port import RequestHead, Upstream, UpstreamResponse, UpstreamUnreachable
from mainhub.gateway.request_body import ClientGone, RequestBody
from mainhub.gateway.response_headers import answered
from mainhub.gateway.service import Service
from mainhub.gateway.substitutes import told, unusable
from mainhub.telemetry import get_logger
from mainhub.web import problems

__all__ = ["AnswerCut", "Relay"]

log = get_logger("gateway")

_UNAUTHORIZED: Final = 401
_FIRST_FAULT: Final = 500

Another = Callable[[], Awaitable[RequestHead | None]]


class AnswerCut(MainHubError):
    """An answer broke off after its head was sent.

    It is raised out of the application on purpose: the server then closes the client's connection,
    which is the only way left to say that the answer is not complete.
    """


class Relay:
    """Carries one exchange with *service*; used once.

    Attributes:
        outcome: how it ended, one of the outcomes in the table of metrics.
        status: what the service answered, if it did.
    """

    def __init__(
        self, service: Service, *, upstream: Upstream, receive: Receive, answer: Answer
    ) -> None:
        self._service = service
        self._upstream = upstream
        self._answer = answer
        self._patience = Patience()
        self._cut: str | None = None
        self.outcome = "failed"
        self.status: int | None = None
        self.body = RequestBody(
            receive,
            limit=service.max_body,
            idle_seconds=service.idle_timeout.total_seconds(),
            patience=self._patience,
        )

    async def run(
        self, head: RequestHead, *, has_body: bool, another: Another | None = None
    ) -> None:
        """Carry the exchange to its end; a client that leaves ends it at once.

        *another* returns the request with a newer token, where the service did not accept the one
        it came with; a request with a body is not sent again, since its body is not kept.

        Raises:
            AnswerCut: the answer could not be completed.
        """
        if not has_body:
            self.body.skip()
        try:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self.body.until_gone())
                again = None if has_body else another
                newer = await self._exchange(head, has_body=has_body, another=again)
                if newer is not None:
                    await self._exchange(newer, has_body=has_body, another=None)
                watch.cancel()
        except* ClientGone:
            self.outcome = "client-gone"
            log.info("gateway.client_gone", service=self._service.name)
        if self._cut is not None:
            self.outcome = "cut"
            log.warning("gateway.answer_cut", service=self._service.name, reason=self._cut)
            raise AnswerCut(f"the answer of {self._service.name} was cut: {self._cut}")

    async def _exchange(
        self, head: RequestHead, *, has_body: bool, another: Another | None
    ) -> RequestHead | None:
        """Carry *head* to the service, and the answer back; return what to send instead, if so."""
        opening = Opening(
            self._service, upstream=self._upstream, body=self.body, patience=self._patience
        )
        way = opening.way(head, has_body=has_body)
        try:
            async with way.stream(opening.attempt, head, has_body=has_body) as response:
                newer = await self._with_another_token(response, another)
                if newer is not None:
                    return newer
                await self._pass_on(response)
        except Refusal as refusal:
            self.outcome = refusal.outcome
            await self._say(refusal.problem)
        except (ServiceFault, ServiceBusy) as answered:
            await self._pass_on(answered.response)
        except _Cut as cut:
            self._cut = str(cut)
        except _ClientStuck as stuck:
            self._cut = str(stuck)
        except TheClientsDoing:
            await self._refuse()
        except MainHubError as error:
            await self._fail(error)
        finally:
            # Also when the client leaves during the pause before a further attempt.
            await opening.let_go()
        return None

    async def _with_another_token(
        self, response: UpstreamResponse, another: Another | None
    ) -> RequestHead | None:
        """Return the request to send instead, if *response* says that its token was not good."""
        if response.status != _UNAUTHORIZED or another is None:
            return None
        # A demand is met by the person, not by another token of the same kind.
        return None if demanded_claims(response.headers) else await another()

    async def _refuse(self) -> None:
        """Answer a client whose own request was the trouble, if it is still there."""
        self.outcome = "client-gone" if self.body.gone else "refused"
        if self.body.refusal is not None and self.status is None:
            await self._say(self.body.refusal)

    async def _fail(self, error: MainHubError) -> None:
        """Answer in place of a service that gave no answer."""
        self.outcome, problem = told(error, self._service)
        log.warning(
            "gateway.no_answer",
            service=self._service.name,
            outcome=self.outcome,
            caused_by=repr(error),
        )
        await self._say(problem)

    async def _say(self, problem: problems.Problem) -> None:
        if not self.body.gone:
            self._answer.close_after = not self.body.complete
            await self._answer.problem(problem)

    async def _pass_on(self, response: UpstreamResponse) -> None:
        self.status = response.status
        try:
            problem = unusable(response, self._service)
            if problem is None:
                self.outcome = "service-error" if response.status >= _FIRST_FAULT else "answered"
                await self._stream(response)
                return
            fault = response.status >= _FIRST_FAULT
            self.outcome = "service-error" if fault else "unusable"
            log.warning(
                "gateway.answer_unusable", service=self._service.name, status=response.status
            )
            await self._say(problem)
        finally:
            await response.aclose()

    async def _stream(self, response: UpstreamResponse) -> None:
        answer, service = self._answer, self._service
        answer.close_after = not self.body.complete
        headers = answered(response.status, response.headers, service=service)
        reading = True
        try:
            idle = service.idle_timeout.total_seconds()
            async with self._patience.limit(idle, holdable=False):
                await answer.begin(response.status, headers)
                async for chunk in response.chunks():
                    self._patience.renew()
                    reading = False
                    await answer.write(chunk)
                    reading = True
                    self._patience.renew()
                await answer.end()
        except TimeoutError as error:
            silent = "nothing moved within the idle time-out"
            raise (_Cut(silent) if reading else _ClientStuck(silent)) from error
        except UpstreamUnreachable as error:
            if self.body.gone:
                raise TheClientsDoing("the client left") from error
            raise _Cut(repr(error)) from error


class _Cut(Unavailable):
    """The service broke off after its answer had begun."""


class _ClientStuck(TheClientsDoing):
    """The client stopped reading."""
