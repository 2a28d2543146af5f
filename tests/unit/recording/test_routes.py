import pytest

from foretaste.errors import PlanError
from foretaste.recording.routes import Route, Routes

ROUTES = Routes(openai="https://gate.example/openai/v1/", anthropic="https://gate.example/claude")
CLAUDE = {"anthropic-version": "2023-06-01"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "url", "kept"),
    [
        ("POST", "/v1/chat/completions", {}, "/openai/v1/chat/completions", "openai-chat"),
        ("POST", "/v1/responses?x=1", {}, "/openai/v1/responses?x=1", "openai-responses"),
        ("GET", "/v1/responses", {}, "/openai/v1/responses", None),
        ("POST", "/v1/responses/r/cancel", {}, "/openai/v1/responses/r/cancel", None),
        ("POST", "/v1/embeddings", {}, "/openai/v1/embeddings", None),
        ("GET", "/v1/models", {}, "/openai/v1/models", None),
        ("GET", "/v1/models", CLAUDE, "/claude/v1/models", None),
        ("POST", "/v1/messages", {}, "/claude/v1/messages", "anthropic-messages"),
        ("POST", "/v1/messages?a=b", CLAUDE, "/claude/v1/messages?a=b", "anthropic-messages"),
        ("POST", "/v1/messages/count_tokens", {}, "/claude/v1/messages/count_tokens", None),
    ],
)  # fmt: skip
def test_a_request_goes_to_its_provider_behind_the_provider_s_own_path(
    method: str, target: str, headers: dict[str, str], url: str, kept: str | None
) -> None:
    assert ROUTES.route(method, target, headers) == Route(f"https://gate.example{url}", kept)


@pytest.mark.parametrize(
    "target", ["/", "/v2/x", "http://evil.example/v1/x", "*", ".evil/v1/x", ""]
)
def test_nothing_in_a_request_names_another_server(target: str) -> None:
    assert ROUTES.route("POST", target, {}) is None


@pytest.mark.parametrize(
    "url",
    ["", "api.openai.com", "ftp://x", "https://", "https://k:p@x", "https://x/?k=1", "http://["],
)
def test_what_is_no_provider_s_address_is_refused(url: str) -> None:
    with pytest.raises(PlanError, match="is not a provider's address"):
        Routes(anthropic=url)
