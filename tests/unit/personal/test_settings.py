from pathlib import Path

import pytest

from foretaste.errors import PlanError
from foretaste.personal.settings import default_model


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.mark.parametrize(
    ("name", "text", "model"),
    [
        ("settings.json", '{"model": "claude-x-1", "theme": "dark"}', "claude-x-1"),
        ("settings.json", '{"model": "claude-x-1[1m]"}', "claude-x-1"),
        ("settings.json", '{"model": "a-1", "env": {"ANTHROPIC_MODEL": "b-2"}}', "b-2"),
        ("config.toml", 'model = "gpt-x"\n[tools]\nweb = true\n', "gpt-x"),
        (
            "config.toml",
            'model = "gpt-x"\nprofile = "deep"\n[profiles.deep]\nmodel = "gpt-y"\n',
            "gpt-y",
        ),
        ("config.toml", 'model = "gpt-x"\nprofile = "gone"\n', "gpt-x"),
    ],
)
def test_the_model_is_read_as_the_program_would(
    tmp_path: Path, name: str, text: str, model: str
) -> None:
    assert default_model(written(tmp_path, name, text)) == model


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("settings.json", '{"model": "opus"}', "alias"),
        ("settings.json", '{"model": "sonnet[1m]"}', "alias"),
        ("settings.json", "{}", "sets no model"),
        ("settings.json", '{"model": 3}', "sets no model"),
        ("settings.json", "[]", "cannot be parsed"),
        ("settings.json", "{", "cannot be parsed"),
        ("config.toml", "model = ", "cannot be parsed"),
        ("config.toml", 'model = "x; rm -rf /"', "no model's name"),
        ("config.toml", 'profiles = 3\nprofile = "a"', "sets no model"),
    ],
)
def test_settings_that_name_no_model_say_why(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    with pytest.raises(PlanError, match=why):
        default_model(written(tmp_path, name, text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        default_model(str(tmp_path / "none.json"))
