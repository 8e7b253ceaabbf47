"""The small components that stand on a page a hundred times, drawn by functions.

`<c-icon>`, `<c-status>`, `<c-time>` and `<c-avatar>` are written like any component. A template of
its own for each would cost ten times what it writes: half of the time of a long list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django_cotton.templatetags import UnprocessableDynamicAttr
from django_cotton.templatetags._component import AttrKind, cotton_component

from web import states
from web.templatetags.web import attributes, initials, iso, name_tone, relative, utc

Given = Mapping[str, Any]
register = template.Library()
_SPRITE = "vendor/tabler-icons/icons.svg"
_OF_STATUS = frozenset({"state", "pill", "reason", "class", "slot"})


def icon(given: Given) -> SafeString:
    """`<c-icon name="rocket" size="s|l|xl" :spin="True" class="…" />`: decoration, words beside it.

    Names: static/vendor/tabler-icons/icons.svg.
    """
    return _icon(
        static(_SPRITE),
        given.get("name", "circle"),
        given.get("size", ""),
        given.get("class", ""),
        is_spinning=bool(given.get("spin")),
    )


# Typed, for marked and plain text are equal, and only one of them may pass unescaped
@lru_cache(maxsize=2_000, typed=True)
def _icon(sprite: str, name: str, size: str, extra: str, *, is_spinning: bool) -> SafeString:
    return format_html(
        '<svg class="icon{}{}{}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        format_html(" icon--{}", size) if size else "",
        " spin" if is_spinning else "",
        format_html(" {}", extra) if extra else "",
        sprite,
        name,
    )


def status(given: Given) -> SafeString:
    """`<c-status :state="deployment.status" pill reason="2 of 4 components are down" />`.

    Words, icons and colours of every state: web/states.py. A body replaces the word.
    """
    seen = states.look(given.get("state", ""))
    extra, reason = given.get("class"), given.get("reason")
    others = {name: value for name, value in given.items() if name not in _OF_STATUS}
    return format_html(
        '<span class="status tone-{}{}{}" {}>\n{}\n{}</span>{}',
        seen.tone,
        " status--pill" if given.get("pill") else "",
        format_html(" {}", extra) if extra else "",
        attributes(others) if others else "",
        _icon(static(_SPRITE), seen.icon, "", "", is_spinning=seen.is_moving),
        given["slot"] or seen.label,
        format_html(' <span class="status__reason">{}</span>', reason) if reason else "",
    )


def time(given: Given) -> SafeString:
    """`<c-time :at="deploy.created_at" none="never" />`: how long ago, kept fresh by the page.

    The moment itself, in UTC and in the reader's own zone, shows on hover and focus.
    """
    at = given.get("at")
    if not at:
        return format_html('<span class="faint">{}</span>', given.get("none", "never"))
    return mark_safe(  # noqa: S308 - digits and words of our own
        f'<time class="time" datetime="{iso(at)}" data-relative tabindex="0">'
        f"<span data-said>{relative(at)}</span>"
        f'<span class="time__tip" role="tooltip">{utc(at)}</span></time>'
    )


def avatar(given: Given) -> SafeString:
    """`<c-avatar name="Wanda Maximoff" size="l" shape="square" />`: decoration beside the name."""
    name, size, shape = (given.get(key, "") for key in ("name", "size", "shape"))
    return format_html(
        '<span class="avatar tone-{}{}{}" aria-hidden="true">{}</span>',
        name_tone(name),
        format_html(" avatar--{}", size) if size else "",
        format_html(" avatar--{}", shape) if shape else "",
        initials(name),
    )


Draw = Callable[[Given], SafeString]
_LEAVES: dict[str, Draw] = {"icon": icon, "status": status, "time": time, "avatar": avatar}


@register.tag("cotton")
def component(parser: Parser, token: Token) -> Node:
    """In place of django-cotton's own tag, which reads and compiles all the same."""
    node: Node = cotton_component(parser, token)
    draw = _LEAVES.get(node.component_name)  # type: ignore[attr-defined]
    return Leaf(draw, node) if draw else node


class Leaf(Node):
    """One use of a leaf: attributes mean what they mean on every other component."""

    def __init__(self, draw: Draw, node: Any) -> None:
        self._draw = draw
        self._body = node.nodelist
        self._fixed: dict[str, Any] = {}
        self._asked = []
        for each in node._prepared_attrs:
            if each.compiled is None:
                self._fixed[each.key] = each.value
            else:
                self._asked.append(each)

    def render(self, context: Context) -> SafeString:
        given = {**self._fixed, "slot": self._body.render(context) if self._body else ""}
        for each in self._asked:
            if each.kind is AttrKind.ESCAPED:
                given[each.key] = each.compiled.render(context)
                continue
            try:
                given[each.key] = each.compiled.resolve(context)
            except UnprocessableDynamicAttr:
                if each.kind is AttrKind.UNQUOTED:
                    given[each.key] = each.value
        # Lines of their own, as a component's template has them: a gap to the words beside it
        return mark_safe(f"\n{self._draw(given)}\n")  # noqa: S308 - safe already
