"""Take the pictures: `make screenshots`, or `make screenshots ARGS="--only staff --folder /tmp/before"`."""

import argparse
import asyncio
import sys
from pathlib import Path

from playwright.async_api import async_playwright

from scripts.browser import headless_shell
from scripts.screenshots.camera import Camera
from scripts.screenshots.pictures import write_pictures
from scripts.screenshots.portal import DemoPortal, demo_portal
from scripts.screenshots.tours import TOURS

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Read the arguments, start the portal, take the pages, stop it."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "screenshots", help="where they are written")
    parser.add_argument("--only", nargs="+", choices=TOURS, default=list(TOURS), help="some of the ways only")
    parser.add_argument("--docs", action="store_true", help="write the pictures of README and docs/ too")
    chosen = parser.parse_args()
    program = headless_shell()
    if program is None:
        sys.exit("Chromium is missing: run `make browser`.")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with demo_portal() as portal:
        camera = asyncio.run(_take(portal, chosen.folder, list(TOURS) if chosen.docs else chosen.only, program))
    if chosen.docs:
        write_pictures(chosen.folder)
    sticking_out = sorted({f"{shot.name} ({shot.width})" for shot in camera.shots if shot.overflow > 0})
    sys.stdout.write(f"{len(camera.shots)} pictures: {chosen.folder / 'index.html'}\n")
    if sticking_out:
        sys.exit(f"Wider than the window: {', '.join(sticking_out)}")


async def _take(portal: DemoPortal, folder: Path, names: list[str], program: str) -> Camera:
    camera = Camera(folder)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name in names:
            context = await browser.new_context(base_url=portal.address, locale="es-MX", java_script_enabled=True)
            await TOURS[name](portal, await context.new_page(), camera)
            await context.close()
        await browser.close()
    camera.write_index()
    return camera


if __name__ == "__main__":
    main()
