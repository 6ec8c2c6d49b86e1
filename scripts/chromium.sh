#!/bin/sh
# Chromium for the browser tests, from the distribution; they never skip for want of it. Where the distribution has its
# headless shell, that too: it spends a quarter of the time on a page.
set -eu
has() { command -v "$1" >/dev/null 2>&1; }
has_browser() { has chromium || has chromium-browser; }
has_shell() { has chromium-headless-shell || [ -e "$without" ]; }
without=var/.no-headless-shell # it is asked for once
if has_browser && { has_shell || ! has apt-get; }; then exit 0; fi
if ! has apt-get; then
    echo "The browser tests need Chromium: install your distribution's package and run this again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
export DEBIAN_FRONTEND=noninteractive
install() { $as_root apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }
if ! has_browser; then
    $as_root apt-get update -qq
    install chromium
fi
has_shell || { $as_root apt-get update -qq && install chromium-headless-shell; } 2>/dev/null || { mkdir -p var && touch "$without"; }
