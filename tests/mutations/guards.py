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

ROOT = Path(__file__).parents[2]
ROOMS = ("access", "accounts", "workspaces", "deployments", "installation", "api")
_CALLS = {"require", "require_within"}
_QUERIES = {"visible_to", "get_visible"}
_SWITCH = "__switch__"


class Switched(ast.NodeTransformer):
    """Rights that are required, rows that are hidden, and in `access` refusals and answers too."""

    def __init__(self, path: Path) -> None:
        self._name = path.relative_to(ROOT).as_posix()
        self._is_access = self._name.startswith("access/")
        self._answers_bool = False
        self._function = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self._answers_bool = self._answers_bool, _is_bool(node.returns)
        around, self._function = self._function, node.name
        self.generic_visit(node)
        self._answers_bool, self._function = outer, around
        node.decorator_list = [self._decorator(each, node.name) for each in node.decorator_list]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and _called(node.value) in _CALLS:
            ask = ast.Lambda(ast.arguments([], [], None, [], [], None, []), node.value)
            node.value = self._switch(node, "requires", ask)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._is_access and isinstance(node.body[0], ast.Raise):
            node.test = self._switch(node, "refuses", node.test)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if self._is_access and self._answers_bool and node.value is not None:
            node.value = self._switch(node, "answers", node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or not _hides(node.func):
            return node
        given = [self._id(node, "hides"), node.func.value, ast.Constant(node.func.attr)]
        return ast.Call(_attribute("seen"), [*given, *node.args], node.keywords)

    def _decorator(self, node: ast.expr, name: str) -> ast.expr:
        if not isinstance(node, ast.Call) or _called(node) != "action":
            return node
        right = ast.Call(ast.Name("str", ast.Load()), [node.args[0]], [])
        return ast.Call(_attribute("action"), [self._id(node, f"{name} requires"), right, node], [])

    def _switch(self, node: ast.AST, kind: str, guarded: ast.expr) -> ast.Call:
        return ast.Call(_attribute(kind), [self._id(node, kind), guarded], [])

    def _id(self, node: Any, kind: str) -> ast.Constant:
        guard = f"{self._name}:{node.lineno} {self._function} {kind}".replace("  ", " ")
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
        is_ours = name.split(".")[0] in ROOMS and ".migrations" not in name
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
            if not {"migrations", "management"} & set(names):
                import_module(".".join(names).removesuffix(".__init__"))


def _attribute(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(_SWITCH, ast.Load()), name, ast.Load())


def _hides(asked: ast.Attribute) -> bool:
    """`shown` of a model's manager, whatever else is shown elsewhere, and the two queries."""
    is_of_rows = isinstance(asked.value, ast.Attribute) and asked.value.attr == "objects"
    return asked.attr in _QUERIES or (asked.attr == "shown" and is_of_rows)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_bool(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "bool"
