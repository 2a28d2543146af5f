"""Which model a program's settings name: Claude Code's `settings.json`, Codex's `config.toml`."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from foretaste.errors import PlanError

_ALIASES = frozenset({"default", "opus", "sonnet", "haiku", "opusplan", "best"})
_WINDOW = re.compile(r"\[\w+\]\Z")  # of context, behind a name
_NAME = re.compile(r"[\w.:/@+-]{1,200}", re.ASCII)


def default_model(file: str) -> str:
    """The model that the settings set as default.

    Of Claude Code, `ANTHROPIC_MODEL` under `env` goes before `model`; of Codex, the profile that is
    chosen goes before the top.

    Args:
        file: JSON, or TOML where its name ends in `.toml`.

    Raises:
        PlanError: it cannot be read, sets no model, or one by an alias: that stays the same when
            the model behind it changes.
    """
    given = _read(Path(file))
    name = _of_codex(given) if file.lower().endswith(".toml") else _of_claude(given)
    if not isinstance(name, str) or not name:
        raise PlanError(f"{file} sets no model: name it with --model")
    name = _WINDOW.sub("", name)
    if name in _ALIASES:
        raise PlanError(
            f"{file} sets {name!r}, an alias that stays the same when the model behind it changes: "
            "set the model's full name there, or name it with --model"
        )
    if not _NAME.fullmatch(name):
        raise PlanError(f"what {file} sets as model is no model's name")
    return name


def _read(file: Path) -> dict[str, Any]:
    try:
        data = file.read_bytes()
        if file.name.lower().endswith(".toml"):
            return tomllib.loads(data.decode())
        return msgspec.json.decode(data, type=dict[str, Any])
    except OSError as error:
        raise PlanError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # of both decoders
        raise PlanError(f"{file} is no settings file: it cannot be parsed") from error


def _of_claude(given: dict[str, Any]) -> object:
    own = given.get("env")
    return (own.get("ANTHROPIC_MODEL") if isinstance(own, dict) else None) or given.get("model")


def _of_codex(given: dict[str, Any]) -> object:
    profiles, chosen = given.get("profiles"), given.get("profile")
    own = profiles.get(chosen) if isinstance(profiles, dict) and chosen else None
    return (own.get("model") if isinstance(own, dict) else None) or given.get("model")
