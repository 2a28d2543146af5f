import subprocess
import sys
from pkgutil import iter_modules

import pytest

import foretaste


@pytest.mark.parametrize("name", foretaste.__all__)
def test_every_public_name_leads_somewhere_and_is_documented(name: str) -> None:
    found = getattr(foretaste, name)

    assert callable(found)
    assert found.__doc__


def test_no_public_name_is_also_a_module() -> None:
    modules = {each.name for each in iter_modules(foretaste.__path__)}

    assert not modules & set(foretaste.__all__)


def test_public_names_are_sorted_and_stand_once() -> None:
    assert foretaste.__all__ == sorted(set(foretaste.__all__))


def test_a_name_that_is_none_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'forcast'"):
        foretaste.forcast  # noqa: B018


def test_importing_the_package_waits_for_no_library() -> None:
    code = "import foretaste, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"numpy", "scipy", "msgspec", "aiohttp", "jinja2"} & set(done.stdout.split())
