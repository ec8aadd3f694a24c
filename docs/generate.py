"""Writes docs/reference from the code: ``python docs/generate.py``. tests/docs fails while a page is out of date."""

from __future__ import annotations

import ast
import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, get_args

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from officina import api, config, errors
from officina.actions.site import document
from officina.api import problem, reference
from officina.cli.commands import app
from officina.cli.failure import EXIT_CODES, MEANINGS
from officina.connectors import registry
from officina.outbound import notify
from officina.workflow import delivery, intake, order_status
from officina.workflow.alert import WATCHED, RuleSettings
from officina.workflow.rights import PERMISSIONS, ROLES

DOCS = Path(__file__).parent
REFERENCE = DOCS / "reference"
SOURCE = DOCS.parent / "src" / "officina"
NOTE = "<!-- Written by docs/generate.py from the code: change it there, then run `make docs`. -->"


def pages() -> dict[str, Callable[[], str]]:
    """File name → how to write it, of every generated page."""
    return {
        "settings.md": settings_page,
        "connectors.md": connectors_page,
        "site-file.md": site_file_page,
        "cli.md": cli_page,
        "errors.md": errors_page,
        "roles.md": roles_page,
        "states.md": states_page,
        "api.md": api_page,
    }


def written(page: Callable[[], str]) -> str:
    """The text of a page."""
    return f"{NOTE}\n{page().rstrip()}\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- settings ----------------------------------------------------------------------------------------------------
def settings_page() -> str:
    rows = [
        (f"`{name}`", f"`OFFICINA_{name.upper()}`", default_of(one), one.description or "")
        for name, one in config.Settings.model_fields.items()
    ]
    others = [(f"`{name}`", text) for name, text in config.OTHER_VARIABLES.items()]
    return f"""# Process settings

What one process must know before it can open the book. Partners, places and connectors are not here but in the
[site file](site-file.md).

A value is taken from the first of these that has it: an option of the command, the environment variable, the file
`officina.toml` in the working directory (or the file that `OFFICINA_CONFIG` names), the default. Instead of any
variable `X`, `X_FILE` may name a file that holds the value, as container platforms hand out secrets.

{table(("in officina.toml", "in the environment", "default", "what it does"), rows)}

Variables that are not settings:

{table(("variable", "what it does"), others)}
"""


def default_of(one: FieldInfo) -> str:
    value = one.default
    if one.is_required():
        return "required"
    if isinstance(value, BaseModel):
        return ""
    if isinstance(value, Enum):
        value = value.value
    if value is None or value in ((), ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# --- connectors --------------------------------------------------------------------------------------------------
def connectors_page() -> str:
    parts = [
        "# Connector kinds",
        "A connector is a configured instance of a kind: `[[connector]]` in the [site file](site-file.md), with its\n"
        "settings in `[connector.settings]`. Certificates and keys are named by their path.",
    ]
    for name in registry.kinds():
        kind = registry.kind(name)
        parts += [f"## {name}", f"{kind.label}; role: {kind.role}.", *_model(kind.settings, "")]
    return "\n\n".join(parts)


def _model(model: type[BaseModel], prefix: str) -> Iterator[str]:
    text = (model.__doc__ or "").strip()
    yield "\n".join(line.strip() for line in text.splitlines()).replace("``", "`")
    rows, nested = [], []
    for name, one in model.model_fields.items():
        inner = _nested(one.annotation)
        if inner is not None:
            nested.append((f"{prefix}{name}.", inner))
        told = one.description or ("see below" if inner else "")
        rows.append((f"`{prefix}{name}`", default_of(one), _limits(one), told))
    yield table(("setting", "default", "limits", "what it does"), rows)
    for path, inner in nested:
        yield f"### {path.rstrip('.')}"
        yield from _model(inner, path)


def _nested(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _limits(one: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {getattr(rule, name)}" for rule in one.metadata for name, sign in signs.items() if hasattr(rule, name)
    ]
    words = [str(word.value) for word in one.annotation] if isinstance(one.annotation, type(Enum)) else []
    return ", ".join(found or words)


# --- site file ---------------------------------------------------------------------------------------------------
def site_file_page() -> str:
    parts = [
        """# The site file

Everything a site is made of, as TOML: what `officina export` writes, what `officina diff` compares and what
`officina apply` makes so, in one transaction with one line in the audit. Applying the same file again changes nothing.

A file says what there *is*. A row of the book that the file does not name stays as it is. With `--prune` it goes:
places, connectors, subscriptions and ways to tell become inactive, because messages and orders point at them; code
maps are removed, and so are profiles that no connector names and rules of alerts, whose defaults then hold again.
Naming an inactive row again makes it active.

A mistake is told with table, row and key, rows counted from one: `connector[2].settings.port` is the key `port` in the
settings of the second `[[connector]]`. All mistakes are told at once, and nothing is changed while there is one.

Certificates and private keys are named by their path, passwords and signing secrets by the environment variable that
holds them; no secret stands in the file itself."""
    ]
    for kind in document.KINDS:
        text = " ".join((kind.__doc__ or "").split()).replace("``", "`")
        parts += [f"## [[{kind.table}]]", text, f"Known by: {', '.join(f'`{name}`' for name in kind.key_names)}."]
        parts.append(table(("key", "default", "allowed"), [_key(one) for one in dataclasses.fields(kind)]))
        parts += _alert_settings(kind.table)
    return "\n\n".join(parts)


def _alert_settings(name: str) -> list[str]:
    """The settings of alerts and of the ways in which they are told."""
    if name == "alert":
        watched = [
            (
                f"`{kind}`",
                each.title,
                "none: only with a rule" if each.opens is None else f"`{each.opens:g}`",
                "half of that" if each.opens is None else f"`{each.closes:g}`",
                "yes" if each.urgent else "no",
            )
            for kind, each in WATCHED.items()
        ]
        return [
            "What is watched, and the defaults:",
            table(("kind", "what", "opens at", "closes at", "urgent"), watched),
            "### alert.settings",
            *_model(RuleSettings, ""),
        ]
    if name == "notify":
        return [part for kind, model in notify.KINDS.items() for part in (f"### {kind}", *_model(model, ""))]
    return []


def _key(one: dataclasses.Field[Any]) -> tuple[str, str, str]:
    required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    default = "required" if required else f"`{one.default}`" if isinstance(one.default, str) and one.default else "none"
    allowed = ", ".join(f"`{word}`" for word in one.metadata.get("words", ()))
    if most := one.metadata.get("most"):
        allowed = f"1 to {most}"
    return f"`{one.name}`", default, allowed


# --- command line ------------------------------------------------------------------------------------------------
def cli_page() -> str:
    root = typer.main.get_command(app)
    codes = [(f"`{code}`", text) for code, text in MEANINGS.items()]
    kinds = [(f"`{kind.__name__}`", f"`{code}`") for kind, code in EXIT_CODES.items()]
    parts = [
        "# The command line",
        "Errors go to stderr as `officina: place: reason`, with the way out below; results go to stdout.",
        table(("exit code", "meaning"), codes),
        "Which kind of error ends with which code:\n\n" + table(("kind", "exit code"), kinds),
        "Before the command:\n\n" + _parameters(root),
    ]
    for path, command in _commands(root, "officina"):
        text = " ".join((command.help or "").split())
        parts += [f"## {path}", text]
        if rows := _parameters(command):
            parts.append(rows)
    return "\n\n".join(parts)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _parameters(command: Any) -> str:
    rows = []
    for one in command.params:
        if one.name == "help":
            continue
        if one.param_type_name == "argument":
            shown = one.metavar or one.name.upper()
        else:
            shown = " / ".join((*one.opts, *one.secondary_opts))
        default = one.default
        told = "" if default in (None, "", False, 0) or callable(default) or one.required else f" Default: {default}."
        rows.append((f"`{shown}`", f"{one.help or ''}{told}"))
    return table(("argument", "what it does"), rows) if rows else ""


# --- errors ------------------------------------------------------------------------------------------------------
class Raised(NamedTuple):
    """One place in the source that refuses something."""

    code: str
    kind: str
    text: str
    remedy: str


def errors_page() -> str:
    found: dict[str, set[Raised]] = defaultdict(set)
    classes = _error_classes()
    for path in sorted(SOURCE.rglob("*.py")):
        for one in _raised(ast.parse(path.read_text()), classes):
            found[one.code].add(one)
    parts = [
        """# Errors

Every refusal has a stable code, the place it is about, a reason in plain words and, where something can be done, the
way out. No text quotes what a message says about a patient. `…` stands for what varies.

The command line ends with the exit code; the API answers `application/problem+json` with the status and the code. A
refused HL7 message is answered with an ERR segment instead: location, code of HL7 table 0357, words."""
    ]
    for code in sorted(found):
        kinds = sorted({one.kind for one in found[code]})
        exits = ", ".join(sorted({str(_nearest(kind, classes, EXIT_CODES)) for kind in kinds}))
        statuses = ", ".join(sorted({str(int(_nearest(kind, classes, problem.STATUS) or 400)) for kind in kinds}))
        lines = sorted({_line(one) for one in found[code]} - {""})
        parts.append("\n".join([f"## {code}", "", f"Exit code {exits}; HTTP {statuses}.", "", *lines]).rstrip())
    return "\n\n".join(parts)


def _line(one: Raised) -> str:
    if not (one.text + one.remedy).strip("… :"):
        return ""
    return f"- {one.text}" + (f" → {one.remedy}" if one.remedy.strip("… :") else "")


def _error_classes() -> dict[str, tuple[str, str]]:
    """Class name → (name of its base, its own code or '')."""
    classes: dict[str, tuple[str, str]] = {"OfficinaError": ("", "error")}
    trees = [ast.parse(path.read_text()) for path in [Path(errors.__file__), *sorted(SOURCE.rglob("*.py"))]]
    grown = True
    while grown:
        grown = False
        for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            base = next((b.id for b in node.bases if isinstance(b, ast.Name) and b.id in classes), "")
            if base and node.name not in classes:
                classes[node.name] = (base, _own_code(node))
                grown = True
    return classes


def _own_code(node: ast.ClassDef) -> str:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
                return code
    return ""


def _raised(tree: ast.Module, classes: Mapping[str, tuple[str, str]]) -> Iterator[Raised]:
    for node, function in _calls(tree):
        if not (isinstance(node.func, ast.Name) and node.func.id in classes):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        name = node.func.id
        texts = _texts(node.args[0], function, tree) if node.args else [""]
        codes = _texts(keywords["code"], function, tree) if "code" in keywords else [_code_of(name, classes)]
        remedies = _texts(keywords["remedy"], function, tree) if "remedy" in keywords else [""]
        for nth in range(max(len(codes), len(texts))):
            code, text, remedy = (each[min(nth, len(each) - 1)] for each in (codes, texts, remedies))
            yield Raised(code, name, text, remedy)


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Every call with the function it stands in."""

    def inside(node: ast.AST, function: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield child, function
            yield from inside(child, child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function)

    return inside(tree, tree)


def _code_of(name: str, classes: Mapping[str, tuple[str, str]]) -> str:
    base, own = classes[name]
    return own or _code_of(base, classes)


def _nearest(name: str, classes: Mapping[str, tuple[str, str]], of: Mapping[type, Any]) -> Any:
    values = {kind.__name__: value for kind, value in of.items()}
    while name:
        if name in values:
            return values[name]
        name = classes[name][0]
    return None


def _texts(node: ast.expr, function: ast.AST, tree: ast.Module) -> list[str]:
    """What an expression may say: both sides of a condition, what is assigned to a name or passed for a parameter;
    … for what is only known when it happens."""
    match node:
        case ast.Constant():
            return [str(node.value)]
        case ast.IfExp():
            return _texts(node.body, function, tree) + _texts(node.orelse, function, tree)
        case ast.JoinedStr():
            return ["".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)]
        case ast.Name():
            return _assigned(node.id, function, tree) or _passed(node.id, function, tree) or ["…"]
    return ["…"]


def _assigned(name: str, function: ast.AST, tree: ast.Module) -> list[str]:
    found: list[str] = []
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        else:
            pairs = [(target, value)]
        for one, given in pairs:
            if isinstance(one, ast.Name) and one.id == name and not isinstance(given, ast.Name):
                found += _texts(given, function, tree)
    return found


def _passed(name: str, function: ast.AST, tree: ast.Module) -> list[str]:
    if not isinstance(function, ast.FunctionDef):
        return []
    names = [one.arg for one in function.args.args if one.arg != "self"]
    if name not in names:
        return []
    position = names.index(name)
    calls = [
        call for call, _ in _calls(tree) if getattr(call.func, "attr", getattr(call.func, "id", "")) == function.name
    ]
    constants = [call for call in calls if len(call.args) > position and not isinstance(call.args[-1], ast.Name)]
    return [text for call in constants for text in _texts(call.args[position], tree, tree)]


# --- roles -------------------------------------------------------------------------------------------------------
def roles_page() -> str:
    permissions = [(f"`{name}`", one.title, "place" if one.placed else "site") for name, one in PERMISSIONS.items()]
    roles = [(f"`{name}`", ", ".join(f"`{one}`" for one in sorted(held))) for name, held in ROLES.items()]
    return f"""# Roles and permissions

A role is granted at a place and holds there and below, or everywhere. A permission of kind *site* concerns the whole
site: only a grant everywhere gives it. The scopes of an API key are permissions.

{table(("permission", "allows", "kind"), permissions)}

{table(("role", "permissions"), roles)}
"""


# --- states ------------------------------------------------------------------------------------------------------
def states_page() -> str:
    codes = {"accept": "AA, CA", "error": "AE, CE", "reject": "AR, CR"}
    messages = [(f"`{state}`", outcome, codes[outcome]) for state, outcome in intake.OUTCOMES.items()]
    deliveries = [
        (
            f"`{result}`",
            f"`{delivery.after(result, attempts=1, age=0, limits=delivery.Limits()).state}`",
            "yes" if result in delivery.AMBIGUOUS or result == "accepted" else "no",
        )
        for result in get_args(delivery.Result)
    ]
    controls: dict[str, list[str]] = defaultdict(list)
    for control, effect in order_status.EFFECTS.items():
        controls[effect].append(control)
    effects = [
        (
            f"`{effect}`",
            ", ".join(names),
            f"`{order_status.first(names[0])}`",
            *(_after(names[0], status) for status in order_status.STATUSES),
        )
        for effect, names in controls.items()
    ]
    return f"""# States

## Messages

The state of a received message and the outcome its sender is told are two facts. `officina.workflow.intake` has this
table. Whatever the state, the bytes are kept as they came.

{table(("state", "outcome", "acknowledgement"), messages)}

## Deliveries

What the attempt to hand a message over comes to, and what becomes of the delivery: `officina.workflow.delivery` has
this table. A connector's limits move a queued one to the error queue (`failed`) in the end.

{table(("result", "the delivery is then", "may have arrived"), deliveries)}

## Orders

What an order control (HL7 table 0119) does to the status of an order: `officina.workflow.order_status` has this table.
A control it does not name changes no status. Where two statuses stand, the first is for the same facts once more, the
second for changed facts.

{table(("effect", "controls", "new order", *(f"from {one}" for one in order_status.STATUSES)), effects)}

```mermaid
{_order_drawing(controls)}
```
"""


def _after(control: str, status: str) -> str:
    same, changed = (order_status.after(control, status, different) for different in (False, True))
    return f"`{same}`" if same == changed else f"`{same}`, `{changed}`"


def _order_drawing(effects: Mapping[str, list[str]]) -> str:
    moves: dict[tuple[str, str], list[str]] = defaultdict(list)
    for effect, names in effects.items():
        moves["[*]", order_status.first(names[0])].append(effect)
        for status in order_status.STATUSES:
            for different in (False, True):
                after = order_status.after(names[0], status, different)
                word = f"{effect}, changed" if different and effect == "ask" else effect
                if after != status and word not in moves[status, after]:
                    moves[status, after].append(word)
    lines = [f"    {status} --> {after}: {' / '.join(words)}" for (status, after), words in moves.items() if words]
    return "\n".join(["stateDiagram-v2", *lines])


# --- API ---------------------------------------------------------------------------------------------------------
def api_page() -> str:
    services: Any = SimpleNamespace(settings=config.Settings())  # what an API is built from; nothing else is asked yet
    return reference.markdown(api.build(services).openapi())


def main() -> None:
    REFERENCE.mkdir(exist_ok=True)
    for name, page in pages().items():
        (REFERENCE / name).write_text(written(page), encoding="utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
