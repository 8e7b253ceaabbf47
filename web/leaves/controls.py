"""Controls: buttons, menu items, links of the sidebar, heads of sortable columns."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from web.leaves.given import EMPTY, Given, joined, others, when
from web.leaves.marks import drawn

_OF_BUTTON = frozenset(
    {"variant", "size", "icon", "icon_end", "href", "type", "disabled", "reason", "label", "class"}
    | {"slot"}
)
_OF_MENU_ITEM = frozenset(
    {"href", "icon", "type", "danger", "disabled", "reason", "current", "slot"}
)
_CURRENT = SafeString(' aria-current="true"')
_CURRENT_PAGE = SafeString(' aria-current="page"')
_OF_COPY = frozenset({"value", "shown", "label", "bare", "slot"})
_SELECTED = SafeString(" selected")
_OF_TH = frozenset({"sort", "query", "align", "label", "slot"})


def button(given: Given) -> SafeString:
    """`<c-button variant="primary|danger|quiet" size="s" icon="rocket" hx-post="…">Go</c-button>`.

    With `href` a link. Other attributes pass through.
    Icon only: `<c-button icon="dots" label="More" />`.
    Refused: `<c-button :disabled="True" reason="Needs Workspace Operator. Wanda can grant it.">`.
    """
    return _refused(given) if given.get("disabled") else _offered(given)


def _refused(given: Given) -> SafeString:
    reason = given.get("reason")
    return format_html(
        '<span class="hinted {}"><button type="button" class="{}" aria-disabled="true">'
        "{}{}{}</button>{}</span>",
        given.get("class", ""),
        _classes(given),
        _icon_before(given),
        _words(given),
        when(reason, '<span class="sr-only">: {}</span>'),
        when(reason, '<span class="hinted__tip" aria-hidden="true">{}</span>'),
    )


def _offered(given: Given) -> SafeString:
    href, end = given.get("href"), given.get("icon_end")
    inside = joined(
        _icon_before(given),
        EMPTY if href else drawn("loader-2", extra="button__busy"),
        "\n",
        _words(given),
        "\n",
        drawn(end) if end else EMPTY,
    )
    classes = joined(_classes(given), when(given.get("class"), " {}"))
    rest = others(given, _OF_BUTTON)
    if href:
        return format_html('<a href="{}" class="{}"{}>{}</a>', href, classes, rest, inside)
    kind = given.get("type", "button")
    return format_html('<button type="{}" class="{}"{}>{}</button>', kind, classes, rest, inside)


def _classes(given: Given) -> SafeString:
    return joined(
        "button",
        when(given.get("variant"), " button--{}"),
        when(given.get("size"), " button--{}"),
        " button--icon" if given.get("label") and not given["slot"] else "",
    )


def _icon_before(given: Given) -> SafeString:
    name = given.get("icon")
    return drawn(name, extra="button__icon") if name else EMPTY


def _words(given: Given) -> SafeString:
    label, slot = given.get("label"), given["slot"]
    if label and not slot:
        return format_html('<span class="sr-only">{}</span>', label)
    return joined(slot)


def menu_item(given: Given) -> SafeString:
    """`<c-menu-item href="…" icon="moon" danger>Hibernate</c-menu-item>`; without href a button.

    `:current` marks the one that holds; `:disabled` and `reason` as for c-button.
    """
    name = given.get("icon")
    mark = drawn(name) if name else EMPTY
    if given.get("disabled"):
        reason = when(given.get("reason"), '<span class="menu__reason">{}</span>')
        return format_html(
            '<button type="button" class="menu__item" aria-disabled="true">'
            "{}<span>{}{}</span></button>",
            mark,
            given["slot"],
            reason,
        )
    rest = joined(_CURRENT if given.get("current") else EMPTY, others(given, _OF_MENU_ITEM))
    danger = " menu__item--danger" if given.get("danger") else ""
    words = format_html('{}<span class="truncate">{}</span>', mark, given["slot"])
    if href := given.get("href"):
        return format_html('<a href="{}" class="menu__item{}"{}>{}</a>', href, danger, rest, words)
    kind = given.get("type", "button")
    return format_html(
        '<button type="{}" class="menu__item{}"{}>{}</button>', kind, danger, rest, words
    )


def copy(given: Given) -> SafeString:
    """`<c-copy value="cm4…" label="Deployment id" />`: the value with a button that copies it.

    `shown="short form"` stands in its place; `bare` leaves the text out.
    """
    value = given.get("value", "")
    text = EMPTY
    if not given.get("bare"):
        shown = given.get("shown") or value
        text = format_html('<code class="copy__value" title="{}">{}</code>', value, shown)
    return format_html(
        '<span class="copy">{}<button type="button" class="copy__button" data-copy="{}"'
        ' aria-label="Copy {}"{}>{}{}</button></span>',
        text,
        value,
        given.get("label", "value"),
        others(given, _OF_COPY),
        drawn("copy", "s", "copy__idle"),
        drawn("check", "s", "copy__done"),
    )


def options(given: Given) -> SafeString:
    """`<c-options :of="select.options" />`: value, words and whether it is chosen, for each."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, _SELECTED if chosen else "", words) for value, words, chosen in given["of"]),
    )


def nav_link(given: Given) -> SafeString:
    """`<c-nav-link :entry="entry" />`: one line of the sidebar (web.navigation.Entry)."""
    entry = given["entry"]
    return format_html(
        '<a class="nav-link" href="{}" title="{}"{}>'
        '{}<span class="nav-link__label">{}</span>{}</a>',
        entry.url,
        entry.label,
        _CURRENT_PAGE if entry.is_current else EMPTY,
        drawn(entry.icon or "point"),
        entry.label,
        when(entry.badge, '<span class="nav-link__badge">{}</span>'),
    )


def th(given: Given) -> SafeString:
    """`<c-th sort="created" :query="query" align="end">Created</c-th>`; without sort a plain head.

    `label` names a column whose head shows no words.
    """
    sort, query = given.get("sort"), given.get("query")
    align, rest = given.get("align", ""), others(given, _OF_TH)
    if not (sort and query):
        label = given.get("label")
        words = format_html('<span class="sr-only">{}</span>', label) if label else given["slot"]
        return format_html('<th scope="col" class="{}"{}>{}</th>', align, rest, words)
    state = query.sorting(sort)
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"{}>'
        '<a class="table__sort" href="{}"{}>{} {}</a></th>',
        align,
        state.aria,
        rest,
        state.url,
        " data-active" if state.is_active else "",
        given["slot"],
        drawn("arrow-down" if state.aria == "descending" else "arrow-up"),
    )
