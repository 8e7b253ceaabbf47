"""Finds the guards of a module and puts a switch at each, while Python loads it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.mutations import switch
from tests.mutations.places import Place

ROOT = Path(__file__).parents[2]
ROOMS = ("access", "accounts", "workspaces", "deployments", "installation", "api", "web")
_LEFT_OUT = {"migrations", "management", "provisioners"}
"""Provisioners ask for no rights, and agents run them in processes of their own."""
_CALLS = ("require", "refuse")
_QUERIES = {"visible_to", "get_visible"}
_CONDITIONS = {"Q", "Admits"}
_AGAINST = ("has_expired", "has_ended", "is_missing")
"""Questions to which a yes refuses."""
_YES, _NO = (ast.And, "answers"), (ast.Or, "refuses")
_SWITCH = "__switch__"
_SHOWN = 70
"""Letters of the code that name a guard."""


class Switched(ast.NodeTransformer):
    """Guards of every module: rights that are required, asked for, or that hide rows.

    `places.Place` says where refusals, answers and conditions are guards too.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.relative_to(ROOT).as_posix()
        self._place = Place(self._name)
        self._answers_bool = False
        self._function = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._in_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._in_function(node)

    def _in_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        outer, self._answers_bool = self._answers_bool, _is_bool(node.returns)
        around, self._function = self._function, node.name
        self.generic_visit(node)
        self._answers_bool, self._function = outer, around
        node.decorator_list = [self._decorator(each, node.name) for each in node.decorator_list]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        guard = self._id(node, "requires", node.value)
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and _called(node.value).lstrip("_").startswith(_CALLS):
            node.value = self._switch("requires", guard, _later(node.value))
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        if (self._place.refuses and _raises(node)) or (self._place.returns and _turns_away(node)):
            node.test = self._each(node.test, ast.Or, "refuses")
            node.body = [self.visit(each) for each in node.body]
            node.orelse = [self.visit(each) for each in node.orelse]
            return node
        return self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if self._place.answers and self._answers_bool and node.value is not None:
            is_against = self._function.startswith(_AGAINST)
            node.value = self._each(node.value, *_NO if is_against else _YES)
            return node
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        guard = self._id(node, "hides", node), self._id(node, "asks", node)
        narrows = self._id(node, "narrows", node)
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            is_condition = self._place.narrows and node.func.id in _CONDITIONS
            return self._switch("narrows", narrows, _later(node)) if is_condition else node
        if not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr == "can" and not self._place.answers:
            return self._switch("answers", guard[1], node)
        if not _hides(node.func):
            return node
        given = [self._known(guard[0]), node.func.value, ast.Constant(node.func.attr)]
        return ast.Call(_attribute("seen"), [*given, *node.args], node.keywords)

    def _each(self, node: ast.expr, joined_by: type[ast.boolop], kind: str) -> ast.expr:
        """A switch at each part of a condition, as each alone decides it."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, joined_by):
            node.values = [self._each(each, joined_by, kind) for each in node.values]
            return node
        if isinstance(node, ast.Constant) and node.value is not False:
            return node
        guard = self._id(node, kind, node)
        return self._switch(kind, guard, self.visit(node))

    def _decorator(self, node: ast.expr, name: str) -> ast.expr:
        if not isinstance(node, ast.Call) or _called(node) != "action":
            return node
        right = ast.Call(ast.Name("str", ast.Load()), [node.args[0]], [])
        guard = f"{self._name}:{node.lineno} {name} requires {ast.unparse(node.args[0])}"
        return ast.Call(_attribute("action"), [self._known(guard), right, node], [])

    def _switch(self, kind: str, guard: str, guarded: ast.expr) -> ast.Call:
        return ast.Call(_attribute(kind), [self._known(guard), guarded], [])

    def _id(self, node: Any, kind: str, code: ast.expr) -> str:
        words = " ".join(ast.unparse(code).split())[:_SHOWN]
        return f"{self._name}:{node.lineno} {self._function} {kind} {words}"

    def _known(self, guard: str) -> ast.Constant:
        switch.known.add(guard)
        return ast.Constant(guard)


class Loader(SourceFileLoader):
    def path_stats(self, path: str) -> Any:
        """No stored byte code: it has no switches."""
        raise OSError(path)

    def source_to_code(  # type: ignore[override]  # as SourceLoader has it
        self, data: Any, path: Any, *, _optimize: int = -1
    ) -> CodeType:
        tree = Switched(Path(path)).visit(ast.parse(data))
        return compile(ast.fix_missing_locations(tree), path, "exec", optimize=_optimize)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[_SWITCH] = switch
        super().exec_module(module)


class Finder(PathFinder):
    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        names = name.split(".")
        is_ours = names[0] in ROOMS and not _LEFT_OUT & set(names)
        spec = super().find_spec(name, path, target) if is_ours else None
        if spec is not None and spec.origin and spec.origin.endswith(".py"):
            spec.loader = Loader(name, spec.origin)
        return spec


def install() -> None:
    sys.meta_path.insert(0, Finder())


def load_all() -> None:
    """Every module that has guards, so that all of them are known from the beginning."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            names = path.relative_to(ROOT).with_suffix("").parts
            if not _LEFT_OUT & set(names):
                import_module(".".join(names).removesuffix(".__init__"))


def _attribute(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(_SWITCH, ast.Load()), name, ast.Load())


def _later(code: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), code)


def _raises(node: ast.If) -> bool:
    """Whether a condition leads to an error; to raise one again that was caught is no refusal."""
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is not None


def _turns_away(node: ast.If) -> bool:
    last = node.body[-1]
    is_yes = isinstance(last, ast.Return) and getattr(last.value, "value", None) is True
    return isinstance(last, ast.Return) and not is_yes


def _hides(asked: ast.Attribute) -> bool:
    """`shown` of a model's manager, whatever else is shown elsewhere, and the two queries."""
    is_of_rows = isinstance(asked.value, ast.Attribute) and asked.value.attr == "objects"
    return asked.attr in _QUERIES or (asked.attr == "shown" and is_of_rows)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_bool(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "bool"
