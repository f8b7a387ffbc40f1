"""The house rules that no linter knows; exceptions are listed, and may only become fewer."""

import ast
import importlib
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest

from tidy.source import SOURCE, UNIT_TESTS, Function, SourceFile, source_files
from xinlian.bootstrap import build_registry

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LOGIC_LINES_WITHOUT_TWIN_MAX = 30

LONG_FUNCTIONS = {
    "readmodels/migrations/versions/v0001_first_tables.py": "one call a table, nothing to read",
}
"""File → why a function of it may be long."""

EXCEPTIONS = json.loads((UNIT_TESTS.parent / "tidy" / "exceptions.json").read_text("utf-8"))
EXPORTS = json.loads((UNIT_TESTS.parent / "tidy" / "exports.json").read_text("utf-8"))

FILES = source_files()
CONSENSUS_FILES = [file for file in FILES if file.is_consensus]


def breaches(
    rule: Callable[[SourceFile], Sequence[object]], files: Iterable[SourceFile] = FILES
) -> dict[str, Sequence[object]]:
    """Return what breaks a rule, by file."""
    return {file.path: found for file in files if (found := rule(file))}


def test_there_is_source_to_look_at():
    assert len(FILES) > 100
    assert len(CONSENSUS_FILES) > 60


def long_functions(file: SourceFile) -> list[str]:
    return [
        function.name
        for function in file.functions()
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES_MAX
    ]


def test_files_stay_short():
    assert [file.path for file in FILES if file.text.count("\n") > FILE_LINES_MAX] == []


def test_functions_stay_short_and_the_exceptions_are_still_long():
    assert breaches(long_functions).keys() == LONG_FUNCTIONS.keys()


def foreign_writes(file: SourceFile) -> list[str]:
    own = file.path.split("/")[:2]
    foreign = {
        name.name
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xinlian.")
        if (node.module or "").split(".")[1:3] != own
        for name in node.names
    }
    return [
        f"{node.func.value.id}.{node.func.attr} in line {node.lineno}"
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("put", "delete")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in foreign
    ]


def test_a_module_writes_no_record_of_another():
    files = [file for file in FILES if file.path.split("/")[0] in ("modules", "apps")]
    assert breaches(foreign_writes, files) == {}, "ask the keeper of the module whose record it is"


def assertions(file: SourceFile) -> list[int]:
    return [node.lineno for node in ast.walk(file.tree) if isinstance(node, ast.Assert)]


def test_nothing_is_asserted_in_source():
    assert breaches(assertions) == {}, "python -O removes assertions: raise InvariantViolation"


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def marks_of_unfinished_work(file: SourceFile) -> list[int]:
    if not UNFINISHED.search(file.text):
        return []
    return [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(file.text).readline)
        if token.type == tokenize.COMMENT and UNFINISHED.search(token.string)
    ]


def test_no_marks_of_unfinished_work():
    assert breaches(marks_of_unfinished_work) == {}


SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "misc"}


def test_names_say_what_is_inside():
    stems = {file.path: file.path.rsplit("/", 1)[-1].removesuffix(".py") for file in FILES}
    assert [path for path, stem in stems.items() if set(stem.split("_")) & SAY_NOTHING] == []


def undescribed(file: SourceFile) -> list[str]:
    missing = [] if ast.get_docstring(file.tree) else ["the module"]
    missing += [node.name for node in public_definitions(file.tree) if not ast.get_docstring(node)]
    return missing


def test_everything_public_is_described():
    assert breaches(undescribed) == {}


def public_definitions(tree: ast.AST) -> Iterator[Function | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node)


BANNED_CALLS = {
    "hash": "it differs by process",
    "id": "it is an address",
    "float": "floats differ by machine",
    "round": "say which rounding",
    "eval": "",
    "exec": "",
    "open": "no I/O",
    "print": "no I/O",
    "input": "no I/O",
    "vars": "",
    "globals": "",
}
NOT_PURE = (
    ast.Await,
    ast.AsyncFor,
    ast.AsyncWith,
    ast.AsyncFunctionDef,
    ast.Global,
    ast.Nonlocal,
)
BANNED_IMPORTS = {"time", "random", "uuid", "secrets", "os", "threading", "math", "decimal"}


CLOCK_READINGS = {"now", "today", "utcnow", "fromtimestamp"}


def impurities(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, why) of what differs between nodes, waits, or shares variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in BANNED_CALLS:
                yield node.lineno, BANNED_CALLS[node.func.id] or node.func.id
        elif isinstance(node, NOT_PURE):
            yield node.lineno, "no waiting, no shared variables"
        elif isinstance(node, ast.Attribute) and node.attr in CLOCK_READINGS:
            yield node.lineno, "no clock"
        elif isinstance(node, ast.Import):
            if {alias.name.split(".")[0] for alias in node.names} & BANNED_IMPORTS:
                yield node.lineno, "no such import"
        elif isinstance(node, ast.ImportFrom):
            area = "" if node.level else (node.module or "").split(".")[0]
            yield from [(node.lineno, "no such import")] * (area in BANNED_IMPORTS)


def inexact_numbers(tree: ast.AST) -> Iterator[int]:
    """Yield the lines with a float, or with a division that makes one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno


def test_consensus_code_calls_nothing_that_differs_between_nodes():
    assert breaches(lambda file: list(impurities(file.tree)), CONSENSUS_FILES) == {}


def test_consensus_code_has_no_float_and_no_true_division():
    assert breaches(lambda file: list(inexact_numbers(file.tree)), CONSENSUS_FILES) == {}


IMPURE = (
    *(f"{name}(a)" for name in sorted(BANNED_CALLS)),
    *(f"import {name}" for name in sorted(BANNED_IMPORTS)),
    *(f"from {name} import a" for name in sorted(BANNED_IMPORTS)),
    *(f"datetime.{name}()" for name in sorted(CLOCK_READINGS)),
    "import a, os.path",
    "from os.path import join",
    "async def a(): pass",
    "async def a(): await b",
    "async def a():\n async for b in c: pass",
    "async def a():\n async with b: pass",
    "def a():\n global b",
    "def a():\n b = 1\n def c():\n  nonlocal b",
)


@pytest.mark.parametrize("source", IMPURE)
def test_the_rule_of_purity_sees(source):
    assert list(impurities(ast.parse(source)))


@pytest.mark.parametrize("source", ["a = 1.0", "a = 1e9", "a = b / c", "a /= 2", "a(b=.5)"])
def test_the_rule_of_exact_numbers_sees(source):
    assert list(inexact_numbers(ast.parse(source)))


def test_what_is_pure_and_exact_passes_the_rules():
    pure = ast.parse("import struct\nfrom . import time\na = hashed(b) // 2\nc.identity(d)\n")
    assert list(impurities(pure)) == []
    assert list(inexact_numbers(pure)) == []


SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
SET_OPERATORS = ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub
SET_TYPES = {"set", "frozenset", "Set", "AbstractSet", "MutableSet"}


def is_keys_view(node: ast.expr) -> bool:
    """Return whether an expression is the keys of a mapping: their union is a set."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return node.func.attr in {"keys", "items"} and not node.args


def is_set_type(annotation: ast.expr | None) -> bool:
    """Return whether an annotation names a set, such as ``set[bytes]``."""
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name) and base.id in SET_TYPES


def is_set(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression is certainly a set."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"set", "frozenset"}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in SET_METHODS
    if isinstance(node, ast.BinOp) and isinstance(node.op, SET_OPERATORS):
        sides = (node.left, node.right)
        return any(is_set(side, names) or is_keys_view(side) for side in sides)
    return isinstance(node, ast.Name) and node.id in names


def iterated_sets(scope: Function | ast.Module) -> Iterator[int]:
    """Yield the lines on which a scope runs over a set in no particular order."""
    names = {
        target.id
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and is_set(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names |= {
        node.target.id
        for node in ast.walk(scope)
        if isinstance(node, ast.AnnAssign) and node.value is not None
        if isinstance(node.target, ast.Name) and is_set(node.value, set())
    }
    names |= {
        node.arg
        for node in ast.walk(scope)
        if isinstance(node, ast.arg) and is_set_type(node.annotation)
    }
    ordered = {
        id(argument)
        for node in ast.walk(scope)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in {"sorted", "any", "all", "sum", "min", "max", "len", "set", "frozenset"}
        for argument in node.args
    }
    for node in ast.walk(scope):
        if isinstance(node, ast.For) and is_set(node.iter, names):
            yield node.lineno
        is_ordered = id(node) in ordered
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp) and not is_ordered:
            yield from (node.lineno for part in node.generators if is_set(part.iter, names))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keeps_order = node.func.id in {
                "list",
                "tuple",
                "next",
                "iter",
                "enumerate",
                "zip",
                "map",
            }
            yield from (
                node.lineno for argument in node.args if keeps_order and is_set(argument, names)
            )
        yield from spilled_sets(node, names)


def spilled_sets(node: ast.AST, names: set[str]) -> Iterator[int]:
    """Yield the line on which a set is taken apart by other means than a loop."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in {"join", "fromkeys", "extend"}:
            yield from (node.lineno for argument in node.args if is_set(argument, names))
        if node.func.attr == "pop" and not node.args and is_set(node.func.value, names):
            yield node.lineno
    if isinstance(node, ast.Starred | ast.YieldFrom) and is_set(node.value, names):
        yield node.lineno
    if isinstance(node, ast.Assign) and is_set(node.value, names):
        yield from (node.lineno for part in node.targets if isinstance(part, ast.Tuple | ast.List))


def lines_over_sets(file: SourceFile) -> list[int]:
    lines = set(iterated_sets(file.tree))
    for function in file.functions():
        lines |= set(iterated_sets(function))
    return sorted(lines)


def test_consensus_code_runs_over_no_set():
    assert breaches(lines_over_sets, CONSENSUS_FILES) == {}


def test_the_set_rule_sees_sets():
    seen = ast.parse(
        "a = {1, 2}\nfor x in a: pass\nb = [y for y in set(c)]\nlist(frozenset(d))\n"
        "sorted(y for y in set(c))\nfor z in sorted(a): pass\n"
        "for d in e.keys() & f.keys(): pass\nfor d in b.union(c): pass\n"
        "''.join(a)\ndict.fromkeys({1})\na.pop()\n[*a]\nx, y = {1, 2}\nfor d in {1} ^ g: pass\n"
        "def h(i: set[int]): return [j for j in i]\nsorted(i for i in a | b)\na.pop(0)\n",
    )
    assert sorted(set(iterated_sets(seen))) == [2, 3, 4, *range(7, 16)]


def twin_of(file: SourceFile) -> str:
    folder, _, name = file.path.rpartition("/")
    return f"{folder}/test_{name}" if folder else f"test_{name}"


def is_excepted(path: str) -> bool:
    return path in EXCEPTIONS["files"] or any(
        path.startswith(prefix) for prefix in EXCEPTIONS["folders"]
    )


def test_every_file_with_logic_has_a_test_of_its_name():
    lonely = [
        file.path
        for file in FILES
        if file.lines_of_logic() > LOGIC_LINES_WITHOUT_TWIN_MAX
        if not (UNIT_TESTS / twin_of(file)).exists() and not is_excepted(file.path)
    ]
    assert lonely == [], "write tests/unit/<path>/test_<name>.py"


def test_the_exceptions_become_fewer():
    by_path = {file.path: file for file in FILES}
    stale = [
        path
        for path in EXCEPTIONS["files"]
        if path not in by_path
        or by_path[path].lines_of_logic() <= LOGIC_LINES_WITHOUT_TWIN_MAX
        or (UNIT_TESTS / twin_of(by_path[path])).exists()
    ]
    assert stale == [], "take these off tests/tidy/exceptions.json"
    assert all(any(path.startswith(prefix) for path in by_path) for prefix in EXCEPTIONS["folders"])


@pytest.mark.parametrize(("package", "names"), EXPORTS.items())
def test_what_a_package_exports_is_pinned(package, names):
    module = importlib.import_module(package)
    assert sorted(module.__all__) == names, (
        "tests/tidy/exports.json pins it: change both on purpose"
    )
    assert all(hasattr(module, name) for name in names)


MARKS = ("AUTHORISE", "VALIDATE", "COMPUTE", "WRITE", "EMIT")
HANDLERS = sorted(
    build_registry().handlers.items(),
    key=lambda pair: pair[0].__name__,
)


def handler_source(handler: Callable[..., None]) -> tuple[SourceFile, Function]:
    path = handler.__module__.removeprefix("xinlian.").replace(".", "/") + ".py"
    file = next(file for file in FILES if file.path == path)
    return file, next(f for f in file.functions() if f.name == handler.__name__)


def marks_of(file: SourceFile, function: Function) -> list[str]:
    """Return the section marks of a function, of ``# WRITE and EMIT`` both."""
    lines = file.text.splitlines()[function.lineno - 1 : function.end_lineno]
    comments = [line.strip() for line in lines if line.strip().startswith("# ")]
    return [
        word
        for comment in comments
        for word in re.findall(r"\b[A-Z]{4,}\b", comment)
        if word in MARKS
    ]


def test_a_handler_reads_authorise_validate_compute_write_emit():
    for message, handler in HANDLERS:
        file, function = handler_source(handler)
        found = marks_of(file, function)
        if not found:  # one call to a function that has the sections
            (call,) = [node for node in ast.walk(function) if isinstance(node, ast.Call)][:1]
            assert isinstance(call.func, ast.Name), message
            assert len(function.body) == 2, message
            found = marks_of(file, next(f for f in file.functions() if f.name == call.func.id))
        assert found == sorted(found, key=MARKS.index), message
        assert len(found) == len(set(found)), message
        assert "EMIT" in found, message


def test_the_package_is_where_the_rules_look():
    assert (SOURCE / "bootstrap.py").exists()
