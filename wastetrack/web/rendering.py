"""From a template to an answer: one environment, strict about names, and one Page per request that knows the visitor.

A template sees `page` (language, actor, tokens), `_` to translate, `label` and `options` for enums, `asset` for files,
the filters of web/shown_values.py, the components `forms`, `shown`, `icons`, `factors` (in templates/components; the
page /design shows them), and what the handler gives it. A misspelt name is an error, never an empty place.
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wastetrack import clock, resources
from wastetrack.auth.model import Actor
from wastetrack.i18n import Locale, as_locale, label, translate, translate_in
from wastetrack.ids import new_id
from wastetrack.serving import cookies
from wastetrack.serving.acting import ActingFor, acting_for
from wastetrack.serving.assets import VENDOR, Assets
from wastetrack.serving.cookies import Flash
from wastetrack.serving.deps import identity_of, settings_of
from wastetrack.serving.doors import is_fragment, safe_next
from wastetrack.settings import IdentityProvider, Settings
from wastetrack.web.navigation import Entry, entries_for, first_of
from wastetrack.web.shown_values import Shown

SEE_OTHER = 303
COMPONENTS = ("icons", "forms", "shown", "factors")
"""Macros that each template has at hand, blocks rendered alone too; a later one may use an earlier one."""


class Renderer:
    """The templates and assets of this process."""

    def __init__(self, settings: Settings, assets: Assets) -> None:
        self.assets = assets
        self.zone = ZoneInfo(settings.time_zone)
        self.environment = Environment(
            loader=FileSystemLoader(resources.templates_dir()),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        Shown(self.zone).add_to(self.environment)
        self.environment.globals.update(
            asset=assets.address,
            has_asset=assets.has,
            has_htmx=assets.has(f"{VENDOR}/htmx.min.js"),
            VENDOR=VENDOR,
        )


class Page:
    """One request's view of itself, for handlers and templates."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @property
    def actor(self) -> Actor | None:
        """Who is signed in; None on pages for everybody and before it has been found out."""
        identity = identity_of(self.request)
        return None if identity is None else identity.actor

    @property
    def acting_for(self) -> ActingFor | None:
        """For whom a delegate acts; shown in the frame of every page."""
        return acting_for(self.request)

    @property
    def identity_providers(self) -> tuple[IdentityProvider, ...]:
        """With whom one may sign in."""
        return settings_of(self.request).identity_providers

    @property
    def locale(self) -> Locale:
        """Asked for just now, chosen earlier, the person's own, the deployment's."""
        identity = identity_of(self.request)
        return (
            as_locale(self.request.query_params.get("lang"))
            or as_locale(cookies.language_of(self.request))
            or (as_locale(identity.locale) if identity is not None else None)
            or as_locale(settings_of(self.request).locale)
            or "zh"
        )

    @property
    def theme(self) -> str:
        """Light, dark, or empty for what the visitor's system has: asked for just now, or chosen earlier."""
        asked = self.request.query_params.get("theme")
        chosen = asked if asked in {*cookies.THEMES, ""} else cookies.theme_of(self.request)
        return chosen if chosen in cookies.THEMES else ""

    @property
    def today(self) -> date:
        """The day in the deployment's zone."""
        return clock.now().astimezone(renderer_of(self.request).zone).date()

    @property
    def tiles(self) -> dict[str, str] | None:
        """Where a map's tiles come from, if the deployment names a place."""
        settings = settings_of(self.request)
        if settings.map_tiles is None:
            return None
        return {"address": settings.map_tiles, "attribution": settings.map_attribution}

    def outlines(self, names: Sequence[str]) -> list[str]:
        """The addresses of bundled outlines, without those that are not there."""
        assets = renderer_of(self.request).assets
        wanted = [f"{VENDOR}/outlines/{name}.geojson" for name in names]
        return [assets.address(name) for name in wanted if assets.has(name)]

    @property
    def csrf_token(self) -> str:
        """What each form of this page repeats."""
        identity = identity_of(self.request)
        return cookies.form_token(self.request) if identity is None else identity.csrf_token

    @cached_property
    def navigation(self) -> tuple[Entry, ...]:
        """The pages this visitor may go to; none as long as the session is held back."""
        identity = identity_of(self.request)
        return () if identity is not None and identity.restriction is not None else entries_for(self.actor)

    @property
    def path(self) -> str:
        """The address of this page without its query."""
        return str(self.request.scope["path"])

    @cached_property
    def first_level(self) -> tuple[Entry, ...]:
        """Those that stand in sight; the rest is under “more”."""
        actor = self.actor
        return () if actor is None else first_of(self.navigation, actor.role)

    @cached_property
    def second_level(self) -> tuple[Entry, ...]:
        """The rest."""
        first = self.first_level
        return tuple(entry for entry in self.navigation if entry not in first)

    @cached_property
    def place(self) -> Entry | None:
        """The nearest entry of the navigation that this page lies under: people of an organisation are people."""
        under = [
            entry
            for entry in self.navigation
            if self.path == entry.path or (entry.path != "/" and self.path.startswith(entry.path + "/"))
        ]
        return max(under, key=lambda entry: len(entry.path), default=None)

    def is_current(self, entry: Entry) -> bool:
        """Whether this page lies under an entry of the navigation."""
        return entry == self.place

    def here(self, **changed: object) -> str:
        """This address with some values of its query changed (None: removed)."""
        values = {**self.request.query_params, **changed}
        told = urlencode({name: value for name, value in values.items() if value is not None})
        return f"{self.path}?{told}" if told else self.path

    def in_language(self, locale: Locale) -> str:
        """Where to see this in another language."""
        return self._here_with(lang=locale)

    def in_theme(self, theme: str) -> str:
        """Where to see this light, dark, or as the visitor's system has it."""
        return self._here_with(theme=theme)

    def _here_with(self, **choice: str) -> str:
        """The answer to a form has no address; its form has."""
        if self.request.method == "GET":
            return self.here(**choice)
        referred = self.request.headers.get("referer", "")
        own = str(self.request.base_url).rstrip("/")
        back = safe_next(referred.removeprefix(own).partition("?")[0]) if referred.startswith(own) else "/"
        return f"{back}?{urlencode(choice)}"

    def new_request_id(self) -> str:
        """The key of one form: sending it twice does it once."""
        return str(new_id())

    def translate(self, msgid: str, /, **facts: object) -> str:
        """A sentence in the visitor's language. Facts that are markup (a mass, a time) stay what they are."""
        if any(isinstance(fact, Markup) for fact in facts.values()):
            sentence = escape(translate(msgid, self.locale))
            return sentence.format_map({name: _as_markup(fact, self.locale) for name, fact in facts.items()})
        return translate(msgid, self.locale, **facts)

    def show(self, template: str, /, status: int = 200, **context: object) -> Response:
        """A whole page, or, where htmx asks and the template has a block `fragment`, that block alone."""
        flash = None if is_fragment(self.request) else cookies.flash_of(self.request)
        chosen = renderer_of(self.request).environment.get_template(template)
        values = self._context(flash) | context
        if is_fragment(self.request) and "fragment" in chosen.blocks:
            text = "".join(chosen.blocks["fragment"](chosen.new_context(values)))
        else:
            text = chosen.render(values)
            if getattr(context.get("filled"), "labels", None):
                # The summary stands above the fields and names them: what they are called is known only now.
                text = chosen.render(values)
        response = HTMLResponse(text, status, {"Vary": "HX-Request, Cookie"})
        if flash is not None:
            cookies.clear_flash(self.request, response)
        return self._dress(response)

    def go(self, address: str, flash: str | None = None, /, *, kind: str = "good", **facts: object) -> Response:
        """On to another page after something was done, with a sentence (a message id) to show there."""
        response = RedirectResponse(safe_next(address), SEE_OTHER)
        if flash is not None:
            told = {name: str(fact) for name, fact in facts.items()}
            cookies.set_flash(self.request, response, Flash(flash, told, kind))
        return self._dress(response)

    def _dress(self, response: Response) -> Response:
        cookies.keep_form_token(self.request, response)
        theme = self.request.query_params.get("theme")
        if theme is not None and theme in {*cookies.THEMES, ""}:
            cookies.set_theme(self.request, response, theme)
        asked = as_locale(self.request.query_params.get("lang"))
        if asked is not None and cookies.language_of(self.request) != asked:
            cookies.set_language(self.request, response, asked)
        return response

    def _context(self, flash: Flash | None) -> dict[str, Any]:
        locale = self.locale
        context: dict[str, Any] = {
            "page": self,
            "actor": self.actor,
            "locale": locale,
            "flash": flash,
            "_": self.translate,
            "told": lambda sentence, broken: translate(sentence, locale, **{"value": broken.value, **broken.facts}),
            "word": lambda context, msgid: translate_in(context, msgid, locale),
            "label": lambda member: "—" if member is None else label(member, locale),
            "options": lambda kinds: [(kind.value, label(kind, locale)) for kind in kinds],
        }
        environment = renderer_of(self.request).environment
        for name in COMPONENTS:
            context[name] = environment.get_template(f"components/{name}.html").make_module(context)
        return context


def _as_markup(fact: object, locale: Locale) -> Markup:
    return fact if isinstance(fact, Markup) else escape(translate("{fact}", locale, fact=fact))


def renderer_of(request: Request) -> Renderer:
    """The renderer of this process."""
    renderer: Renderer = request.app.state.renderer
    return renderer


async def _page(request: Request) -> Page:  # a plain function would run in a thread
    return Page(request)


AnyPage = Annotated[Page, Depends(_page)]
"""What a handler asks for: `page: AnyPage`."""
