"""MkDocs' hooks: pages with a diagram load Mermaid from the site itself, where the theme would from a public host."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

SOURCE = Path("var/docs-tools/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js")
SCRIPT = "assets/mermaid.js"
DIAGRAM = '<pre class="mermaid">'


def on_files(files: Files, config: Any) -> Files:
    """Add the library to the site."""
    source = Path(config.config_file_path).parent / SOURCE
    files.append(File.generated(config, SCRIPT, abs_src_path=str(source)))
    return files


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Load the library before the theme's script, which then uses it."""
    del config
    if DIAGRAM not in output:
        return output
    address = get_relative_url(SCRIPT, page.url)
    return output.replace("</head>", f'<script src="{address}"></script></head>', 1)
