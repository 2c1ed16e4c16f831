"""One exchange: the client's request to the service, the service's answer back, as they come."""

import asyncio
from typing import Final

from mainhub.errors import Invalid, MainHubError
from mainhub.gateway.answer import Answer, Receive
from mainhub.gateway.patience import Patience
from mainhub.gateway.port import (
    RequestHead,
    Upstream,
    UpstreamResponse,
    UpstreamSlow,
    UpstreamUnreachable,
)
from mainhub.gateway.request_body import ClientGone, RequestBody
from mainhub.gateway.response_headers import answered
from mainhub.gateway.service import Service
from mainhub.telemetry import get_logger
from mainhub.web import problems

__all__ = ["AnswerCut", "Relay"]

log = get_logger("gateway")

_UNAUTHORIZED: Final = 401
_FIRST_FINAL: Final = 200
_FIRST_FAULT: Final = 500


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

    async def run(self, head: RequestHead, *, has_body: bool) -> None:
        """Carry the exchange to its end; a client that leaves ends it at once.

        Raises:
            AnswerCut: the answer could not be completed.
        """
        if not has_body:
            self.body.skip()
        try:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self.body.until_gone())
                await self._exchange(head, has_body=has_body)
                watch.cancel()
        except* ClientGone:
            self.outcome = "client-gone"
            log.info("gateway.client_gone", service=self._service.name)
        if self._cut is not None:
            self.outcome = "cut"
            log.warning("gateway.answer_cut", service=self._service.name, reason=self._cut)
            raise AnswerCut(f"the answer of {self._service.name} was cut: {self._cut}")

    async def _exchange(self, head: RequestHead, *, has_body: bool) -> None:
        response = await self._open(head, has_body=has_body)
        if isinstance(response, problems.Problem):
            if not self.body.gone:
                self._answer.close_after = not self.body.complete
                await self._answer.problem(response)
            return
        try:
            await self._stream(response)
        finally:
            await response.aclose()

    async def _open(
        self, head: RequestHead, *, has_body: bool
    ) -> UpstreamResponse | problems.Problem:
        service = self._service
        seconds = service.response_timeout.total_seconds()
        try:
            async with self._patience.limit(seconds, holdable=True):
                response = await self._upstream.open(
                    head,
                    self.body.chunks() if has_body else None,
                    connect_timeout=service.connect_timeout,
                )
        except (TimeoutError, UpstreamSlow) as error:
            slow_connection = isinstance(error, UpstreamSlow)
            wait = service.connect_timeout.total_seconds() if slow_connection else seconds
            log.warning("gateway.upstream_slow", service=service.name, caused_by=repr(error))
            self.outcome = "timeout"
            return problems.upstream_timeout(service.name, wait)
        except Invalid as error:
            self.outcome = "refused"
            return problems.problem_of(error)
        except UpstreamUnreachable as error:
            if self.body.refusal is not None:
                self.outcome = "refused"
                return self.body.refusal
            self.outcome = "client-gone" if self.body.gone else "unreachable"
            if not self.body.gone:
                log.warning(
                    "gateway.upstream_unreachable", service=service.name, caused_by=repr(error)
                )
            return problems.upstream_unreachable(service.name)
        self.status = response.status
        problem = self._unusable(response)
        if problem is None:
            self.outcome = "service-error" if response.status >= _FIRST_FAULT else "answered"
            return response
        self.outcome = "unusable"
        log.warning("gateway.answer_unusable", service=service.name, status=response.status)
        await response.aclose()
        return problem

    def _unusable(self, response: UpstreamResponse) -> problems.Problem | None:
        if response.status == _UNAUTHORIZED:
            # Passed on, it would say that the person is signed out, and pages would sign in again
            # without end.
            return problems.upstream_refused_token(self._service.name)
        if response.status < _FIRST_FINAL:
            return problems.upstream_unreachable(self._service.name)
        return None

    async def _stream(self, response: UpstreamResponse) -> None:
        answer, service = self._answer, self._service
        answer.close_after = not self.body.complete
        headers = answered(response.status, response.headers, service=service)
        try:
            idle = service.idle_timeout.total_seconds()
            async with self._patience.limit(idle, holdable=False):
                await answer.begin(response.status, headers)
                async for chunk in response.chunks():
                    self._patience.renew()
                    await answer.write(chunk)
                    self._patience.renew()
                await answer.end()
        except TimeoutError:
            self._cut = "nothing moved within the idle time-out"
        except UpstreamUnreachable as error:
            if not self.body.gone:
                self._cut = repr(error)
