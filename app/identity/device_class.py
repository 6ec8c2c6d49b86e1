"""Classify the client's device from request headers: a class, never a model or a version.

A few substrings of two headers suffice for four classes. Known limit: a tablet that requests desktop pages (the default
of iPadOS) identifies itself as a computer and is counted as one.
"""

from collections.abc import Mapping
from functools import lru_cache

from app.kernel.actor import Device

# Every browser in use says it is Mozilla; small phones' Opera Mini says Opera.
BROWSERS = ("mozilla/", "opera/")
PROGRAMS = ("bot", "crawl", "spider", "headless", "http://", "https://")
TABLETS = ("ipad", "tablet", "kindle", "silk/", "playbook")
PHONES = ("mobi", "iphone", "ipod", "opera mini", "kaios", "windows phone")
LONGEST = 400


def device_of(headers: Mapping[str, str]) -> Device:
    """The class of device of a request with these headers (names in lower case)."""
    return classify(headers.get("user-agent", "")[:LONGEST], headers.get("sec-ch-ua-mobile", ""))


@lru_cache(maxsize=1024)
def classify(agent: str, mobile_hint: str = "") -> Device:
    """The class by User-Agent; the browser's own hint (`Sec-CH-UA-Mobile: ?1`) wins, for only a browser sends it."""
    if mobile_hint.strip() == "?1":
        return Device.PHONE
    words = agent.strip().lower()
    if not words.startswith(BROWSERS) or _has(words, PROGRAMS):
        return Device.PROGRAM
    # An Android that doesn't call itself mobile is a tablet: Google's rule for its own browser.
    if _has(words, TABLETS) or ("android" in words and "mobi" not in words and "opera mini" not in words):
        return Device.TABLET
    return Device.PHONE if _has(words, PHONES) else Device.COMPUTER


def _has(words: str, any_of: tuple[str, ...]) -> bool:
    return any(word in words for word in any_of)
