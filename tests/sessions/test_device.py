from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.sessions.device import device_name

GECKO = "(KHTML, like Gecko)"
SAFARI = "Mobile Safari/604.1"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 15; K)"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (f"{LINUX}) {KIT} Chrome/143.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{LINUX}) {KIT} HeadlessChrome/143.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{LINUX}; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{WINDOWS} {KIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} {KIT} Chrome/143.0.0.0 Safari/537.36 OPR/121.0.0.0", "Opera on Windows"),
        (f"{MAC} {GECKO} Version/18.5 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE} {GECKO} Version/18.5 {SAFARI}", "Safari on iPhone"),
        (f"{IPHONE} {GECKO} CriOS/143.0 {SAFARI}", "Chrome on iPhone"),
        (f"{IPHONE} {GECKO} FxiOS/140.0 {SAFARI}", "Firefox on iPhone"),
        (f"{ANDROID} {KIT} Chrome/143.0.0.0 {SAFARI}", "Chrome on Android"),
        (
            f"{ANDROID} {KIT} SamsungBrowser/28.0 Chrome/130.0 {SAFARI}",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) Chrome/143.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", "curl"),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("", "Unknown device"),
        ("MyProgram/1.0", "Unknown device"),
        ("x" * 300 + " Chrome/1 Linux", "Unknown device"),
    ],
)
def test_names_the_well_known(user_agent: str, label: str) -> None:
    assert device_name(user_agent).label == label


@given(st.text() | st.text("AaChromeFirefox/() ;.0", max_size=400))
def test_any_text_gets_a_short_name(user_agent: str) -> None:
    assert 0 < len(device_name(user_agent).label) <= 40
