#!/bin/sh
# Chromium for the browser tests, from the distribution: its headless shell where there is one, which spends a quarter of
# the time on a page, else the whole browser. The tests never skip for want of it.
set -eu
has() { command -v "$1" >/dev/null 2>&1; }
has_browser() { has chromium || has chromium-browser; }
none=.venv/.no-headless-shell # so that it is asked for once
has chromium-headless-shell && exit 0
if has_browser && [ -e "$none" ]; then exit 0; fi
if ! has apt-get; then
    has_browser && exit 0
    echo "The browser tests need Chromium: install your distribution's package and run this again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
export DEBIAN_FRONTEND=noninteractive
install() { $as_root apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }
if has_browser; then
    { $as_root apt-get update -qq && install chromium-headless-shell; } 2>/dev/null || touch "$none"
else
    $as_root apt-get update -qq
    install chromium-headless-shell 2>/dev/null || install chromium
fi
