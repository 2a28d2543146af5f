"""Take the pictures of a page: `python docs/images/shoot.py RUN/report.html`.

Writes `report-light.png` and `report-dark.png` beside this file, or into `--to FOLDER`: the top of
the page, 1280 by 800. With `--name review` and the address that `foretaste review` prints, those of
the labelling page. Needs the dev dependency playwright, and a Chromium on the search path or
one that `playwright install chromium` fetched.
"""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SCHEMES = ("light", "dark")


def shoot(browser: Browser, page: str, scheme: str, target: Path, size: tuple[int, int]) -> None:
    """Draw the top of a page in one color scheme."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.goto(page)
    tab.screenshot(path=target)
    context.close()


def main() -> None:
    """Read the arguments, write the pictures, say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", help="a run's report.html, or an address on this machine")
    parser.add_argument("--name", default="report", help="what the pictures' names begin with")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="folder to write to")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    given = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--disable-gpu"])
        for scheme in SCHEMES:
            target = given.to / f"{given.name}-{scheme}.png"
            size = (given.width, given.height)
            page = given.page
            address = page if page.startswith("http") else Path(page).resolve().as_uri()
            shoot(browser, address, scheme, target, size)
            sys.stdout.write(f"{target}: {target.stat().st_size / 1000:.0f} kB\n")
        browser.close()


if __name__ == "__main__":
    main()
