"""What the site (`make docs`) adds to the pages: those that lie elsewhere in the repository.

Pages link to each other as files of the repository, so that they can be read there. Links out of
`docs/` are led to the copies that the site has, and what a block's fence says to tests is left out.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
BEHAVIORS = "src/foretaste/behaviors"
_FENCE = re.compile(r"^(```\w+) [^\n]+$", re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()([^)#\s]+)")
_HEAD = re.compile(r"^---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)


def _copies() -> dict[str, str]:
    """Pages of the repository that lie outside of `docs/`, and where the site has them."""
    copies = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changes.md"}
    for file in sorted((ROOT / BEHAVIORS).glob("*.md")):
        copies[f"{BEHAVIORS}/{file.name}"] = f"reference/behaviors/{file.name}"
    return copies


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the copies; their front matter is shown, not read as the site's own."""
    for source, target in _copies().items():
        text = (ROOT / source).read_text("utf-8")
        if source.startswith(BEHAVIORS):
            title = f"# {Path(source).stem}\n\n"
            text = title + _HEAD.sub(lambda head: f"```yaml\n{head[1]}```\n", text, count=1)
        files.append(File.generated(config, target, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead links as they are in the repository to where the site has the page."""
    copies = _copies()
    places = {target: source for source, target in copies.items()}
    here = page.file.src_uri
    lies = ROOT / places.get(here, f"docs/{here}")

    def lead(link: re.Match[str]) -> str:
        if ":" in link[1]:
            return link[1]
        wanted = (lies.parent / link[1]).resolve()
        if not wanted.is_relative_to(ROOT):
            return link[1]
        name = wanted.relative_to(ROOT).as_posix()
        target = copies.get(name, name.removeprefix("docs/"))
        up = "../" * here.count("/")
        return f"{up}{target}"

    return _LINK.sub(lead, _FENCE.sub(r"\1", markdown))
