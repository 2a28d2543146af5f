"""The labelling pages: one turn at a time, blind, by keyboard; and where annotators differ."""

from dataclasses import dataclass

import msgspec
from aiohttp import web

from foretaste.after.desk import LONGEST_NOTE, Desk, Task
from foretaste.report.examples import Part, parts_of
from foretaste.report.html import environment
from foretaste.report.view import Passage, passages
from foretaste.report.visible import clipped
from foretaste.reviews import AGREED, Said, is_pseudonym

SHOWN = 60_000  # characters of each message: a person has to see what is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn as annotators see it."""

    earlier: tuple[Part, ...]
    asked: tuple[Part, ...]
    answer: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages over one desk."""

    desk: Desk
    annotator: str | None = None  # who is asked where the address names nobody

    def routes(self) -> list[web.AbstractRouteDef]:
        """Every address there is."""
        return [
            web.get("/", self.overview),
            web.get("/label", self.turn),
            web.post("/label", self.label),
            web.get("/disagreements", self.disagreements),
            web.post("/agree", self.agree),
            web.get("/export", self.export),
            web.get("/style.css", self.style),
            web.get("/review.js", self.script),
        ]

    async def overview(self, _: web.Request) -> web.Response:
        """Who is labelling, and how far they are."""
        names = dict.fromkeys(
            [*([self.annotator] if self.annotator else []), *self.desk.annotators]
        )
        done = [(name, self.desk.done(name)) for name in names]
        return self._page("overview.html.j2", done=done, disputes=self._disputed())

    async def turn(self, request: web.Request) -> web.Response:
        """One turn of somebody's queue: the one asked for, else the next that is open."""
        who = _who(request.query.get("as", self.annotator or ""))
        order = self.desk.order(who)
        place = _place(request.query.get("at"), len(order))
        if place is None:
            place = next((n for n, item in enumerate(order) if not self.desk.said(item, who)), None)
        if place is None:
            return self._page("done.html.j2", who=who, disputes=self._disputed())
        item = order[place]
        return self._page(
            "label.html.j2",
            who=who,
            item=item,
            place=place,
            done=self.desk.done(who),
            turn=_turn(self.desk.tasks[item]),
            said=self.desk.said(item, who),
        )

    async def label(self, request: web.Request) -> web.Response:
        """Keep a label, then go on. The answer is sent once the label is durable."""
        form = await request.post()
        who, item = _who(str(form.get("as", ""))), self._item(str(form.get("item", "")))
        back = _place(str(form.get("at", "")), len(self.desk.tasks))
        again = self.desk.said(item, who) is not None
        self.desk.say(item, who, _value(form.get("value")), _note(form.get("note")))
        ahead = (
            f"&at={back + 1}"
            if again and back is not None and back + 1 < len(self.desk.tasks)
            else ""
        )
        return _see(f"/label?as={who}{ahead}")

    async def disagreements(self, _: web.Request) -> web.Response:
        """Where annotators differ, once two are through; before that it would bias the second."""
        self._let_see()
        shown = [
            (item, _turn(self.desk.tasks[item]), self.desk.opinions(item))
            for item in self.desk.disputes()
        ]
        return self._page("disagreements.html.j2", shown=shown, agreed=AGREED)

    async def agree(self, request: web.Request) -> web.Response:
        """Keep what annotators agreed on."""
        self._let_see()
        form = await request.post()
        item = self._item(str(form.get("item", "")))
        self.desk.say(item, AGREED, _value(form.get("value")), _note(form.get("note")))
        return _see(f"/disagreements#d-{item}")

    async def export(self, _: web.Request) -> web.Response:
        """All labels as JSON lines, once two are through."""
        self._let_see()
        lines = b"".join(msgspec.json.encode(each) + b"\n" for each in self.desk.exported())
        named = {"Content-Disposition": 'attachment; filename="labels.jsonl"'}
        return web.Response(body=lines, content_type="application/jsonl", headers=named)

    async def style(self, _: web.Request) -> web.Response:
        """The look: the report's, and what labelling needs beside it."""
        text = environment("foretaste.web").get_template("look.css.j2").render()
        return web.Response(text=text, content_type="text/css")

    async def script(self, _: web.Request) -> web.Response:
        """The keys; a file of its own, as no page holds a script."""
        text = environment("foretaste.web").get_template("review.js").render()
        return web.Response(text=text, content_type="text/javascript")

    def _page(self, template: str, **values: object) -> web.Response:
        text = (
            environment("foretaste.web")
            .get_template(template)
            .render(
                behavior=self.desk.behavior,
                definition=_definition(self.desk),
                total=len(self.desk.tasks),
                complete=self.desk.complete,
                **values,
            )
        )
        return web.Response(text=text, content_type="text/html")

    def _disputed(self) -> int:
        return len(self.desk.disputes()) if self.desk.complete else 0

    def _let_see(self) -> None:
        if not self.desk.complete:
            raise web.HTTPConflict(
                reason="Two annotators have to go through the whole queue first."
            )

    def _item(self, name: str) -> str:
        if name not in self.desk.tasks:
            raise web.HTTPBadRequest(reason="No such turn in this queue.")
        return name


def _definition(desk: Desk) -> tuple[Passage, ...]:
    return passages(clipped(desk.behavior.rubric, 20_000).text)


def _turn(task: Task) -> Turn:
    """The prefix up to the last thing the user said, that, and the answer; no lane, no model."""
    messages = task.prefix.messages
    users = [n for n, each in enumerate(messages) if each.role == "user"]
    cut = users[-1] if users else len(messages)

    def parts(some: slice) -> tuple[Part, ...]:
        return tuple(part for each in messages[some] for part in parts_of(each, limit=SHOWN))

    return Turn(
        earlier=parts(slice(0, cut)),
        asked=parts(slice(cut, None)),
        answer=tuple(part for each in task.answer for part in parts_of(each, limit=SHOWN)),
    )


def _who(name: str) -> str:
    if not is_pseudonym(name):
        raise web.HTTPBadRequest(
            reason="A pseudonym has letters, digits, - and _; 40 at most, and is not 'agreed'."
        )
    return name


def _place(text: str | None, length: int) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) if int(text) < length else None


def _value(text: object) -> Said:
    try:
        return Said(str(text))
    except ValueError:
        raise web.HTTPBadRequest(reason="present, absent, unsure or skipped") from None


def _note(text: object) -> str:
    return str(text or "").strip()[:LONGEST_NOTE]


def _see(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
