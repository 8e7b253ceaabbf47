"""Marks: they say something and do nothing."""

from __future__ import annotations

from datetime import UTC
from functools import cache, lru_cache

from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from web import states
from web.leaves.given import EMPTY, Given, others, when
from web.templatetags.web import initials, iso, name_tone, relative

_SPRITE = "vendor/tabler-icons/icons.svg"
_ONLY_A_STATE = 2
"""The number of attributes of a status that says its state alone: the state, and the slot."""
_OF_BADGE = frozenset({"tone", "icon", "class", "slot"})
_OF_STATUS = frozenset({"state", "pill", "reason", "class", "slot"})


def icon(given: Given) -> SafeString:
    """`<c-icon name="rocket" size="s|l|xl" :spin="True" class="…" />`: decoration, words beside it.

    Names: static/vendor/tabler-icons/icons.svg.
    """
    return drawn(
        given.get("name", "circle"),
        given.get("size", ""),
        given.get("class", ""),
        is_spinning=bool(given.get("spin")),
    )


def drawn(name: str, size: str = "", extra: str = "", *, is_spinning: bool = False) -> SafeString:
    """An icon for another leaf."""
    return _icon(_sprite(), name, size, extra, is_spinning=is_spinning)


@cache
def _sprite() -> str:
    """Its address holds its content's hash, so it is the same as long as the process lives."""
    return static(_SPRITE)


# Typed, for marked and plain text are equal, and only one of them may pass unescaped
@lru_cache(maxsize=2_000, typed=True)
def _icon(sprite: str, name: str, size: str, extra: str, *, is_spinning: bool) -> SafeString:
    return format_html(
        '<svg class="icon{}{}{}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        when(size, " icon--{}"),
        " spin" if is_spinning else "",
        when(extra, " {}"),
        sprite,
        name,
    )


def status(given: Given) -> SafeString:
    """`<c-status :state="deployment.status" pill reason="2 of 4 components are down" />`.

    Words, icons and colours of every state: web/states.py. A body replaces the word.
    """
    if len(given) == _ONLY_A_STATE and not given["slot"]:
        return _bare_status(given.get("state", ""))
    return _status(given)


@lru_cache(maxsize=100, typed=True)
def _bare_status(state: str) -> SafeString:
    """A list draws the same few a hundred times."""
    return _status({"state": state, "slot": ""})


def _status(given: Given) -> SafeString:
    seen = states.look(given.get("state", ""))
    return format_html(
        '<span class="status tone-{}{}{}"{}>\n{}\n{}</span>{}',
        seen.tone,
        " status--pill" if given.get("pill") else "",
        when(given.get("class"), " {}"),
        others(given, _OF_STATUS),
        drawn(seen.icon, is_spinning=seen.is_moving),
        given["slot"] or seen.label,
        when(given.get("reason"), ' <span class="status__reason">{}</span>'),
    )


def badge(given: Given) -> SafeString:
    """`<c-badge tone="ok|busy|bad|rest|unknown|warn|info" icon="lock">LTS</c-badge>`.

    Without a tone it is plain grey.
    """
    name = given.get("icon")
    return format_html(
        '<span class="badge{}{}"{}>{}{}</span>',
        when(given.get("tone"), " tone-{}"),
        when(given.get("class"), " {}"),
        others(given, _OF_BADGE),
        drawn(name, "s") if name else EMPTY,
        given["slot"],
    )


def held_role(given: Given) -> SafeString:
    """`<c-held-role :binding="binding" />`: the role of a grant, and its end where it has one."""
    binding = given["binding"]
    label = conditional_escape(binding.held_role.label)
    if binding.is_by_rule:
        return format_html('{} <span class="badge">by identity provider</span>', label)
    if binding.has_ended:
        return format_html('{} <span class="badge tone-warn">ended</span>', label)
    if binding.expires_at:
        end = f"{binding.expires_at.astimezone(UTC):%Y-%m-%d %H:%M}"
        return format_html('{} <span class="soft">until {} UTC</span>', label, end)
    return SafeString(label)


def time(given: Given) -> SafeString:
    """`<c-time :at="deploy.created_at" none="never" />`: how long ago, kept fresh by the page.

    The moment itself, in UTC and in the reader's own zone, shows on hover and focus.
    """
    at = given.get("at")
    if not at:
        return format_html('<span class="faint">{}</span>', given.get("none", "never"))
    written = iso(at)
    return mark_safe(  # noqa: S308 - digits and words of our own
        f'<time class="time" datetime="{written}" data-relative tabindex="0">'
        f"<span data-said>{relative(at)}</span>"
        f'<span class="time__tip" role="tooltip">{written[:10]} {written[11:19]} UTC</span></time>'
    )


def avatar(given: Given) -> SafeString:
    """`<c-avatar name="Wanda Maximoff" size="l" shape="square" />`: decoration beside the name."""
    name, size, shape = (given.get(key, "") for key in ("name", "size", "shape"))
    return format_html(
        '<span class="avatar tone-{}{}{}" aria-hidden="true">{}</span>',
        name_tone(name),
        when(size, " avatar--{}"),
        when(shape, " avatar--{}"),
        initials(name),
    )
