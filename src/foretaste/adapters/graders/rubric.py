"""A grader that asks a model, and believes no more of its reply than can be checked."""

from dataclasses import dataclass, field, replace
from typing import Self

from foretaste.adapters.graders.desk import Desk
from foretaste.adapters.graders.instructions import instructions
from foretaste.adapters.graders.judgement import (
    Judgement,
    Unreadable,
    fenced,
    located,
    read_judgements,
    refuses,
    schema,
)
from foretaste.adapters.graders.jury import decided, enter, leave, named, together
from foretaste.adapters.graders.passages import missing_answer
from foretaste.chances import LIKELIEST, chance_of, said_under
from foretaste.errors import PlanError
from foretaste.protocols import Model, Reply, Request
from foretaste.records import (
    Behavior,
    Message,
    Outcome,
    Prefix,
    Rollout,
    Stop,
    Usage,
    Verdict,
    identity,
)

REFUSED = "the judge refused to judge"
MADE_UP = "the judge said present, but its evidence is not in the text"


@dataclass(frozen=True, slots=True)
class _Ballot:
    """What was said of each behavior of a panel, vote by vote, and what it took."""

    votes: dict[str, list[Verdict]]
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """Asks a judge model whether a rollout shows a behavior, as its rubric defines it.

    The graded text is data between fences it cannot forge (`judgement.py`). A reply that cannot
    be read, that declines to judge, or that says present without a passage that stands in the
    rollout to the letter (white space aside), is ungraded. A reply that the judge's token limit cut
    or its filter stopped is read like any other: it counts if it is whole.

    A turn without a final message is ungraded, and no judge is asked.

    With several votes, or several judges, the majority of the readable ones decides; a tie is
    ungraded. One judge's votes differ only in their seed, so ask for several only with a
    temperature above zero. Graders with the same `panel` and `desk` share each reply: one call asks
    for all of them. After a resume the whole panel is asked again for what is missing.

    Where the judge's server gives probabilities of tokens, the score is that of `true` at the place
    of the verdict. It is as the judge has it, not calibrated.

    `reasoning` shows the judge the model's reasoning. Leave it off where lanes differ in whether
    their reasoning was kept: what is visible in one lane alone looks like a change.

    Raises:
        PlanError: votes is even or below one, or the panel lacks the behavior.
        ItemFailed, ModelUnavailable: from the judge's model; the engine deals with them.
    """

    behavior: Behavior
    model: Model
    others: tuple[Model, ...] = ()  # further judges, each with votes of its own
    panel: tuple[Behavior, ...] = ()  # asked in one call, this behavior among them; empty: alone
    desk: Desk[_Ballot] = field(default_factory=Desk, repr=False, compare=False)  # of the panel
    judge: str = ""  # the judge's identity; empty: the model's type and its `model`
    votes: int = 1
    temperature: float = 0.0
    max_tokens: int = 600  # for each behavior of a panel
    reasoning: bool = False
    context: int = 24_000  # characters of the conversation before the answer
    answer_first: bool = False  # show the answer before the conversation
    seed: int = 0  # of the first vote
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        if self.votes < 1 or self.votes % 2 == 0:
            raise PlanError(f"rubric for {self.behavior.name!r}: votes must be odd: {self.votes}")
        panel = self.panel or (self.behavior,)
        if self.behavior not in panel:
            raise PlanError(f"rubric for {self.behavior.name!r}: its panel is another one")
        object.__setattr__(self, "panel", panel)
        options = (self.votes, self.temperature, self.max_tokens, self.reasoning, self.context)
        order = (self.answer_first, self.seed)
        told = (instructions(panel, ""), [each.version for each in panel])
        parts = ("rubric", self.behavior.name, told, schema(self._names), self._judges_name)
        object.__setattr__(self, "fingerprint", identity(*parts, options, order))

    @property
    def judges(self) -> tuple[Model, ...]:
        """All models that are asked."""
        return (self.model, *self.others)

    @property
    def calls(self) -> float:
        """Calls that one answer takes, its part of a panel's."""
        return self.votes * len(self.judges) / len(self.panel)

    @property
    def _names(self) -> list[str]:
        return [each.name for each in self.panel]

    @property
    def _judges_name(self) -> str:
        return named(self.judges, self.judge)

    async def __aenter__(self) -> Self:
        """Open the judges' models, where they are such as open."""
        await enter(self.judges)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        self.desk.clear()
        await leave(self.judges)

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout."""
        missing = missing_answer(rollout)
        if missing:
            return self._verdict(rollout, Outcome.UNGRADED, reason=missing)

        async def ask() -> _Ballot:
            return await self._ask(prefix, rollout)

        about = f"{prefix.id} {rollout.id}"
        ballot, paid = await self.desk.share(about, self.behavior.name, ask)
        found = together(ballot.votes[self.behavior.name])
        return replace(found, grader=self.fingerprint, usage=ballot.usage if paid else Usage())

    async def _ask(self, prefix: Prefix, rollout: Rollout) -> _Ballot:
        """Ask until no vote to come can change the verdict on any behavior of the panel."""
        ballot: dict[str, list[Verdict]] = {name: [] for name in self._names}
        usage, of = Usage(), self.votes * len(self.judges)
        for seed in range(self.seed, self.seed + self.votes):
            request = self._request(prefix, rollout, seed)
            for model in self.judges:
                if all(decided(votes, of) for votes in ballot.values()):
                    break
                reply = await model(request)
                usage += reply.usage
                for name, vote in self._votes(rollout, reply).items():
                    ballot[name].append(vote)
        return _Ballot(ballot, usage)

    def _votes(self, rollout: Rollout, reply: Reply) -> dict[str, Verdict]:
        text = reply.message.content
        return {
            name: self._unread(rollout, name, read, reply)
            if isinstance(read, Unreadable)
            else self._checked(rollout, name, read, reply)
            for name, read in read_judgements(text, self._names).items()
        }

    def _unread(self, rollout: Rollout, name: str, read: Unreadable, reply: Reply) -> Verdict:
        if reply.stop is Stop.FILTERED or refuses(reply.message.content):
            return self._verdict(rollout, Outcome.UNGRADED, name=name, reason=REFUSED)
        stopped = "" if reply.stop is Stop.FINAL else f" (it was stopped by {reply.stop})"
        return self._verdict(rollout, Outcome.UNGRADED, name=name, reason=read.reason + stopped)

    def _checked(self, rollout: Rollout, name: str, said: Judgement, reply: Reply) -> Verdict:
        if not said.present:
            score = self._score(name, reply)
            absent = self._verdict(rollout, Outcome.ABSENT, name=name, reason=said.reason)
            return replace(absent, score=score)
        evidence = located(said.evidence, rollout, reasoning=self.reasoning)
        if evidence is None:
            return self._verdict(rollout, Outcome.UNGRADED, name=name, reason=MADE_UP)
        present = self._verdict(rollout, Outcome.PRESENT, name=name, reason=said.reason)
        return replace(
            present, evidence=evidence, severity=said.severity, score=self._score(name, reply)
        )

    def _score(self, name: str, reply: Reply) -> float | None:
        path = ("present",) if len(self.panel) == 1 else (name, "present")
        token = said_under(reply.tokens, path)
        chance = chance_of(token, "true", "false") if token is not None else None
        return chance.value if chance is not None else None

    def _request(self, prefix: Prefix, rollout: Rollout, seed: int) -> Request:
        shown, fence = fenced(
            prefix,
            rollout,
            reasoning=self.reasoning,
            context=self.context,
            answer_first=self.answer_first,
        )
        task = Message(role="system", content=instructions(self.panel, fence))
        limit = self.max_tokens * len(self.panel)
        return Request(
            messages=(task, Message(role="user", content=shown)),
            settings={"temperature": self.temperature, "max_tokens": limit},
            schema=schema(self._names),
            seed=seed,
            likeliest=LIKELIEST,
        )

    def _verdict(
        self, rollout: Rollout, outcome: Outcome, *, name: str = "", reason: str = ""
    ) -> Verdict:
        return Verdict(
            parent=rollout.id,
            behavior=name or self.behavior.name,
            outcome=outcome,
            grader=self.fingerprint,
            reason=reason,
        )
