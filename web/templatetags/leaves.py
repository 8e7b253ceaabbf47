"""`{% cotton %}` in place of django-cotton's own, and `{% constant %}`: same page, less work."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.template.base import Node, NodeList, Parser, Template, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe
from django_cotton.templatetags import UnprocessableDynamicAttr
from django_cotton.templatetags._component import AttrKind, cotton_component

from web.leaves import DRAWN
from web.leaves.given import Draw

register = template.Library()


@register.tag("cotton")
def component(parser: Parser, token: Token) -> Node:
    """In place of django-cotton's own tag, which reads and compiles all the same."""
    node: Node = cotton_component(parser, token)
    draw = DRAWN.get(node.component_name)  # type: ignore[attr-defined]
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


@register.tag
def constant(parser: Parser, token: Token) -> Node:
    """`{% constant %} … {% endconstant %}`: drawn once in a process, the same on every page.

    What stands in it may depend on nothing but the addresses of static files.
    """
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return Constant(nodelist)


class Constant(Node):
    """Draws without any variable, so that nobody's page can leak into another's."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._drawn: SafeString | None = None

    def render(self, context: Context) -> SafeString:
        if self._drawn is None:
            alone = Context()
            with alone.bind_template(cast("Template", context.template)):
                self._drawn = self.nodelist.render(alone)
        return self._drawn
