"""What the page shows of switches and deeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from mainhub.simulator.accounts import TENANT_ID, Account
from mainhub.simulator.conduct import CHOICES, Setting, Switch
from mainhub.simulator.conduct.switch import UNCOUNTED
from mainhub.simulator.deeds import Deeds
from mainhub.simulator.faults.switch_texts import (
    DEEDS,
    SWITCH_WORDS,
    SWITCHES,
    Choice,
    SwitchWords,
)
from mainhub.simulator.texts import Locale


@dataclass(frozen=True, slots=True)
class Done:
    """The last deed, and what came of it."""

    deed: str
    account: Account | None = None
    answers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SwitchCard:
    """A switch: its words, what is in force, and for whom."""

    switch: Switch
    words: SwitchWords
    setting: Setting
    is_normal: bool
    is_counted: bool
    part: str | None

    @property
    def choice(self) -> Choice:
        """Return the choice in force."""
        return self.words.choices[self.setting.value]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that signs in as itself, and how."""

    name: str
    client_id: str
    secret: str
    scope: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The lower half of the page."""

    words: Mapping[str, str]
    cards: list[SwitchCard]
    deeds: Mapping[str, Choice]
    keys: str
    done: str | None
    accounts: tuple[Account, ...]
    programs: list[Program]
    leave: str


def behaviour(deeds: Deeds, locale: Locale, *, done: Done | None) -> Behaviour:
    """Return what is in force, in the words of *locale*; *done* is the last deed."""
    words, registration = SWITCH_WORDS[locale], deeds.tenant.registration
    older = len(deeds.kids) - 1
    signs = words["signs_with"].format(kid=f"{deeds.kids[0][:8]}…")
    rest = words["older"].format(count=older) if older else words["older_none"]
    root = f"{deeds.tenant.base_url}/{TENANT_ID}/oauth2/v2.0"
    return Behaviour(
        words=words,
        cards=[_card(deeds, switch, locale) for switch in Switch],
        deeds=DEEDS[locale],
        keys=f"{signs}, {rest}.",
        done=None if done is None else _told(done, locale),
        accounts=deeds.accounts,
        programs=[
            Program(
                name=one.name,
                client_id=one.client_id,
                secret=one.client_secret,
                scope=f"{registration.application_id_uri}/.default",
                endpoint=f"{root}/token",
            )
            for one in registration.services
        ],
        leave=f"{root}/logout?ui_locales={locale}",
    )


def _card(deeds: Deeds, switch: Switch, locale: Locale) -> SwitchCard:
    setting, words = deeds.conduct.of(switch), SWITCH_WORDS[locale]
    parts = list[str]()
    if setting.oid is not None:
        account = deeds.tenant.account(setting.oid)
        name = setting.oid if account is None else account.name
        parts.append(words["only_person"].format(name=name))
    if setting.times == 1:
        parts.append(words["only_once"])
    elif setting.times is not None:
        parts.append(words["only_times"].format(times=setting.times))
    return SwitchCard(
        switch=switch,
        words=SWITCHES[locale][switch],
        setting=setting,
        is_normal=setting.value == CHOICES[switch][0],
        is_counted=switch not in UNCOUNTED,
        part=" · ".join(parts) or None,
    )


def _told(done: Done, locale: Locale) -> str:
    words = SWITCH_WORDS[locale]
    sentences = [DEEDS[locale][done.deed].expected]
    if done.account is not None:
        sentences.insert(0, f"{done.account.name}.")
    if done.answers is not None:
        answers = ", ".join(done.answers)
        sentences.append(words["told"].format(answers=answers) if answers else words["told_none"])
    return " ".join(sentences)
