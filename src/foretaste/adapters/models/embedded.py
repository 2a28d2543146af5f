"""Small models in process, with llama.cpp: no server, no key, no network."""

import asyncio
import os
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from foretaste.adapters import pinned
from foretaste.adapters.models import chat, weights
from foretaste.adapters.models.toolprompt import offer, read, shortened, usable
from foretaste.errors import ItemFailed, MachineFailed, PlanError, UnknownName
from foretaste.protocols import Reply, Request
from foretaste.records import JSON, Message

_HONORED = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "min_p",
        "presence_penalty",
        "repeat_penalty",
        "response_format",
        "seed",
        "stop",
        "temperature",
        "top_k",
        "top_logprobs",
        "top_p",
    }
)

_BY_SCHEMA = frozenset({"response_format", "stop"})
"""Settings that contradict an answer whose form the tools decide."""

_USUAL = 4  # characters of a token
_TOO_LONG = "exceed_context_size_error"

_RANDOM_SEED = 2**32 - 1
"""What llama.cpp takes for "draw a seed"; seeds are taken modulo it."""


@dataclass(slots=True)
class _Loaded:
    """What is in memory while the plug-in is entered."""

    users: int = 0
    server: Any = None
    pool: ThreadPoolExecutor | None = None
    answers_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Answers with a GGUF model inside this process.

    Settings that production did not state are llama.cpp's own. The models that are small enough to
    ship have no template for tools: they are told in the prompt, earlier calls are shown as text,
    and a schema holds the answer to a text or one call (`toolprompt`). `stop` and
    `response_format` are dropped then. Where the prompt is longer than the context, results of
    tools are cut in the middle, the longest first, and the reply names `context` as dropped.
    Markers of the chat template inside a message (`<|im_start|>`) are read as markers, except in
    the results of tools that the model is told of.

    With one slot the same request and seed give the same text. With more, requests are computed
    together, sums round differently, and the same seed can lead to another text.

    Args:
        model: a known name (`smollm2`), or the path of a GGUF file.
        sha256: what the file must hash to; known models have it built in.
        threads: processor threads.
        slots: requests computed together. On two cores more than 4 are slower.
        context: tokens that one request may have, prompt and answer; each slot holds so many.
        max_tokens: length of an answer where production's settings set none.
        tools: tell the model of them in the `prompt`, or `drop` them and the tool calls of earlier
            turns, and name both in the reply.
        reuse: keep the computed start of a prompt for the next that begins alike. Quicker for a
            judge with a long rubric, but an answer then depends on what was asked before.
    """

    model: str = "smollm2"
    sha256: str | None = None
    threads: int = 2
    slots: int = 4
    context: int = 4096
    max_tokens: int = 256
    tools: Literal["prompt", "drop"] = "prompt"
    reuse: bool = False
    _loaded: _Loaded = field(init=False, repr=False, compare=False, default_factory=_Loaded)

    def __post_init__(self) -> None:
        for name in ("threads", "slots", "context", "max_tokens"):
            if getattr(self, name) < 1:
                raise PlanError(f"embedded: {name} must be at least 1")
        if self.tools not in ("prompt", "drop"):
            raise PlanError(f"embedded: tools is {self.tools!r}; it is `prompt` or `drop`")

    async def __aenter__(self) -> Self:
        """Load the model.

        Raises:
            PlanError: the engine is not installed, or the weights are not on this machine.
            MachineFailed: the file is no model that llama.cpp can load.
        """
        loaded = self._loaded
        if not loaded.users:
            path, digest = await asyncio.to_thread(self._file)
            loaded.server = await asyncio.to_thread(self._load, path)
            loaded.pool = ThreadPoolExecutor(self.slots, thread_name_prefix="embedded")
            loaded.answers_as = f"{path.name}@{digest[:12]}"
        loaded.users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let running answers end, and free the memory."""
        loaded = self._loaded
        loaded.users -= 1
        if not loaded.users and loaded.pool is not None:
            await asyncio.to_thread(loaded.pool.shutdown, wait=True, cancel_futures=True)
            loaded.pool = loaded.server = None

    async def __call__(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ItemFailed: the prompt does not fit the context, or a setting has an impossible value.
        """
        if self._loaded.pool is None:
            raise MachineFailed("the model was asked before it was entered")
        if self.tools == "prompt" and usable(request.tools) and request.schema is None:
            return await self._with_tools(request)
        sent, dropped = self._settings(request)
        if request.tools:
            dropped.append("tools")
        if any(message.tool_calls for message in request.messages):
            dropped.append("tool_calls")
        answer = await self._ask(request.messages, sent)
        return self._reply(answer, sent, dropped)

    async def _with_tools(self, request: Request) -> Reply:
        offered, chosen = offer(request.tools, request.settings.get("tool_choice"))
        sent, dropped = self._settings(request, apart=_BY_SCHEMA)
        if chosen and "tool_choice" in dropped:
            dropped.remove("tool_choice")
            sent["tool_choice"] = request.settings["tool_choice"]
        held = {k: v for k, v in sent.items() if k != "tool_choice"}
        held["response_format"] = chat.held_to(offered.schema)
        messages, spare = request.messages, 0
        while True:
            answer = await self._ask(offered.told(messages), held)
            lacking = self._lacking(answer)
            spare += lacking
            shorter = shortened(request.messages, spare) if lacking else messages
            if shorter == messages:
                break
            messages = shorter
        if messages != request.messages:
            dropped.append("context")
        reply = self._reply(answer, sent | {"tools": self.tools}, dropped)
        message, stop = read(reply.message, reply.stop, request.messages)
        return replace(reply, message=message, stop=stop)

    async def _ask(self, messages: tuple[Message, ...], sent: dict[str, JSON]) -> dict[str, JSON]:
        loaded = self._loaded
        body = chat.body("", Request(messages=messages), sent) | {"cache_prompt": self.reuse}
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(loaded.pool, _answer, loaded.server, body)
        return answer | {"model": loaded.answers_as}

    def _reply(self, answer: dict[str, JSON], sent: dict[str, JSON], dropped: list[str]) -> Reply:
        _raise_fault(answer)
        asked, names = self.model, tuple(dropped)
        return chat.reply(answer, asked_model=asked, sent=sent, dropped=names, clean=_plain)

    def _settings(
        self, request: Request, apart: frozenset[str] = frozenset()
    ) -> tuple[dict[str, JSON], list[str]]:
        asked, dropped = chat.settings(request, extra=True)
        sent = {k: v for k, v in asked.items() if k in _HONORED - apart}
        dropped += [name for name in asked if name not in sent]
        if "max_completion_tokens" not in sent:
            sent.setdefault("max_tokens", self.max_tokens)
        asked_seed = sent.get("seed")
        seed = asked_seed if isinstance(asked_seed, int) else request.seed
        sent["seed"] = seed % _RANDOM_SEED
        return sent, dropped

    def _lacking(self, answer: dict[str, JSON]) -> int:
        """Characters to leave out for a prompt that leaves no room for an answer; 0 where it fits.

        Too few of a prompt that does not fit, as a token has at least one: trying again costs
        milliseconds then. Where an answer was cut, trying again costs an answer.
        """
        fault, used = answer.get("error"), answer.get("usage")
        room = min(self.max_tokens, self.context // 2)
        if isinstance(fault, dict) and fault.get("type") == _TOO_LONG:
            return int(fault["n_prompt_tokens"]) + room - self.context
        if isinstance(used, dict) and used["total_tokens"] >= self.context:
            return _USUAL * max(0, room - int(used["completion_tokens"]))
        return 0

    def _file(self) -> tuple[Path, str]:
        if self.model in weights.WEIGHTS:
            found = weights.find(self.model)
            if found is None:
                size = weights.WEIGHTS[self.model].bytes / 1e6
                raise PlanError(
                    f"the weights of {self.model!r} ({size:.0f} MB) are not on this machine; "
                    f"`foretaste models --install {self.model}` gets them"
                )
            return found, weights.WEIGHTS[self.model].sha256
        path = Path(self.model).expanduser()
        if not path.is_file():
            raise UnknownName("model", self.model, weights.WEIGHTS, "embedded (nor is it a file)")
        digest = pinned.checksum(path)
        if self.sha256 is not None and digest != self.sha256.lower():
            raise PlanError(f"{path.name} has SHA-256 {digest}, the plan says {self.sha256}")
        return path, digest

    def _load(self, path: Path) -> Any:
        # Threads that spin while they wait make everything beside them several times slower. Read
        # by the OpenMP library when it is loaded, hence before the import.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        os.environ.setdefault("GOMP_SPINCOUNT", "0")
        try:
            import xllamacpp  # noqa: PLC0415  (102 MB that most commands never need)
        except ImportError as error:
            raise PlanError(
                "the embedded model needs its engine: pip install 'foretaste[embedded]'"
            ) from error
        options = xllamacpp.CommonParams()
        options.model.path = str(path)
        options.verbosity = -1  # llama.cpp writes straight to the terminal
        options.n_parallel = self.slots
        options.kv_unified = False  # whether a request fits must not depend on its neighbors
        options.n_ctx = self.slots * self.context
        options.cpuparams.n_threads = options.cpuparams_batch.n_threads = self.threads
        options.warmup = False
        options.prefill_assistant = False
        options.cache_ram_mib = 0  # prompts of ended requests would pile up in memory
        # The engine listens on a loopback port whether it is needed or not. A key that nobody
        # knows shuts it to other programs, and to web pages open in a browser.
        options.api_keys = [secrets.token_urlsafe(32)]
        options.ui = options.endpoint_slots = False
        try:
            return xllamacpp.Server(options)
        except RuntimeError as error:
            raise MachineFailed(f"llama.cpp cannot load {path.name}") from error


def _answer(server: Any, body: dict[str, JSON]) -> dict[str, JSON]:
    # Runs in a thread of the pool; the engine gives up the interpreter while it computes.
    try:
        answer: dict[str, JSON] = server.handle_chat_completions(body)
    except (RuntimeError, ValueError, TypeError) as error:  # TypeError: where orjson is installed
        raise ItemFailed(f"llama.cpp cannot take the request: {_plain(error)}") from error
    return answer


def _raise_fault(answer: dict[str, JSON]) -> None:
    fault = answer.get("error")
    if isinstance(fault, dict) and fault.get("type") == _TOO_LONG:
        tokens, room = fault.get("n_prompt_tokens"), fault.get("n_ctx")
        raise ItemFailed(f"prefix of {tokens} tokens does not fit the context of {room}")


def _plain(text: object) -> str:
    return re.sub(r"[^ -~]+", " ", str(text))[:200]
