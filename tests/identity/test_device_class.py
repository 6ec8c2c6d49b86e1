"""Four classes of device, from what browsers and programs really send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.device_class import device_of
from app.kernel.actor import Device

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0"
AGENTS = [
    (f"{CHROME} Mobile Safari/537.36", Device.PHONE),
    (f"{CHROME} Safari/537.36", Device.TABLET),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148",
        Device.PHONE,
    ),
    ("Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148", Device.TABLET),
    ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", Device.PHONE),
    ("Mozilla/5.0 (Android 15; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0", Device.TABLET),
    ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", Device.PHONE),
    ("Opera/9.80 (Android; Opera Mini/36.2/191.256; U; es) Presto/2.12.423 Version/12.16", Device.PHONE),
    ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/191.256; U; es) Presto/2.12.423 Version/12.16", Device.PHONE),
    (
        "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 Silk/120 like Chrome/120.0 Safari/537.36",
        Device.TABLET,
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36", Device.COMPUTER),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
        Device.COMPUTER,
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", Device.COMPUTER),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Device.PROGRAM),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/143.0.0.0 Safari/537.36", Device.PROGRAM),
    ("python-httpx/0.28.1", Device.PROGRAM),
    ("curl/8.14.1", Device.PROGRAM),
    ("okhttp/4.12.0", Device.PROGRAM),
    ("", Device.PROGRAM),
]


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_what_they_send_is_distinguished(agent: str, expected: Device) -> None:
    assert device_of({"user-agent": agent}) == expected


def test_the_browsers_own_hint_wins() -> None:
    desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36"
    assert device_of({"user-agent": desktop, "sec-ch-ua-mobile": "?1"}) == Device.PHONE
    assert device_of({"user-agent": desktop, "sec-ch-ua-mobile": "?0"}) == Device.COMPUTER


def test_without_headers_it_is_a_program() -> None:
    assert device_of({}) == Device.PROGRAM


@given(st.text(), st.text())
def test_whatever_is_sent_has_one_class(agent: str, hint: str) -> None:
    assert device_of({"user-agent": agent, "sec-ch-ua-mobile": hint}) in set(Device)
