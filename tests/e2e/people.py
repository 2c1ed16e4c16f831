"""What a person does, in the words of what they see."""

from playwright.sync_api import Page, expect

__all__ = ["NAMES", "choose_language", "choose_theme", "open_account", "sign_in", "sign_out"]

NAMES = {
    "ada": "Ada Lovelace",
    "grace": "Grace Hopper",
    "linus": "Linus Pauling",
    "alan": "Alan Turing",
}


def sign_in(page: Page, url: str, account: str = "linus") -> None:
    """Go to *url*, choose *account* at the simulated Entra, and wait for the shell."""
    page.goto(url)
    page.get_by_role("button", name=NAMES[account]).click()
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def open_account(page: Page) -> None:
    """Open the account menu, which a phone has in its tab bar."""
    wide = page.get_by_test_id("account-button")
    narrow = page.get_by_test_id("tabs").get_by_role("button").last
    (wide if wide.is_visible() else narrow).click()
    expect(page.get_by_test_id("account-menu")).to_be_visible()


def sign_out(page: Page) -> None:
    """Sign out by the account menu."""
    open_account(page)
    page.get_by_test_id("sign-out").click()


def choose_language(page: Page, locale: str) -> None:
    """Choose ``fr`` or ``en`` in the account menu, which closes by itself or by Escape."""
    open_account(page)
    page.locator(f"[data-locale={locale}]").click()
    page.keyboard.press("Escape")


def choose_theme(page: Page, theme: str) -> None:
    """Choose ``light``, ``dark`` or ``system`` in the account menu."""
    open_account(page)
    page.locator(f"[data-theme-choice={theme}]").click()
    page.keyboard.press("Escape")
