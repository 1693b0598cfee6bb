"""The documentation cannot lag behind: every layer, rule, form, command and setting has its place in it."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from pydantic_settings import BaseSettings

from analysis.reference import acts, approval_kinds
from analysis.rulebook import RULES, survey
from gis_app.certificates.form import forms
from gis_app.cli import vatra
from layers.catalogue import catalogue

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WRITTEN = sorted(DOCS.glob("*.md")) + [
    ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
]
REQUIRED = {
    "index",
    "installing",
    "importing",
    "rules",
    "certificates",
    "map-services",
    "speed",
    "architecture",
}


@pytest.fixture(scope="module")
def generate():
    sys.path.insert(0, str(DOCS))
    try:
        yield importlib.import_module("generate")
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def pages(generate):
    return generate.pages()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [
        str(Path(sys.executable).parent / "mkdocs"),
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(folder),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_written_pages_are_there():
    assert {path.stem for path in DOCS.glob("*.md")} >= REQUIRED


def rooms() -> set[str]:
    """What the architecture's table of rooms names, as paths; a name alone lies beside the first of its row."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Where to find what")[2].partition("\n## ")[0]
    found = set()
    for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE):
        names = re.findall(r"`([^`]+)`", row)
        package = names[0].partition("/")[0]
        found |= {name if "/" in name.rstrip("/") else f"{package}/{name}" for name in names}
    return found


def test_the_architecture_names_every_package():
    packages = {f"{path.parent.parent.name}/{path.parent.name}/" for path in ROOT.glob("*/*/__init__.py")}
    inside = {name for name in packages if not name.startswith("tests/")}
    assert len(inside) > 10
    assert inside <= rooms()


def test_the_architecture_names_what_there_is():
    assert len(rooms()) > 50
    for name in rooms():
        assert (ROOT / name).exists() or list(ROOT.glob(f"{name}.py")), name


def test_every_layer_has_its_page_with_every_column(pages):
    for layer in catalogue().values():
        page = pages[f"reference/layers/{layer.id}.md"]
        assert all(title in page for title in (layer.title.ro, layer.title.hu, layer.title.en))
        for column in layer.columns:
            assert f"| `{column.name}` | {column.type}" in page
            assert all(f"`{value}`" in page for value in column.values)


def test_every_rule_has_its_page_with_every_figure_and_sentence(pages):
    rules, _ = survey()
    for rule in rules.values():
        page = pages[f"reference/rules/{rule.id}.md"]
        for edition in rule.editions:
            assert f"## From {edition.valid_from}" in page
            assert all(basis.act in page for basis in edition.legal_basis)
            assert edition.text.split("{")[0].split("[")[0] in page
            for case in edition.cases:
                assert f"| {case.distance_m:g} m |" in page
        assert f"| Zone on the map | {rule.zone.kind if rule.zone else 'no'}" in page


def test_every_rule_is_named_on_the_pages_of_its_layers(pages):
    rules, _ = survey()
    for rule in rules.values():
        for layer in rule.layers:
            assert f"`{rule.id}`" in pages[f"reference/layers/{layer}.md"]


def test_every_form_has_its_page_with_every_section(pages):
    for form in forms().values():
        page = pages[f"reference/forms/{form.code}.md"]
        assert all(section.title in page for section in form.sections)


def test_every_approval_and_act_is_listed(pages):
    assert all(f"| `{code}` |" in pages["reference/approvals.md"] for code in approval_kinds())
    assert all(f"| {name} |" in pages["reference/acts.md"] for name in acts())


def commands(command=vatra, path=("vatra",)):
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        yield from commands(command.get_command(click.Context(command), name), (*path, name))


def test_every_command_is_described_with_an_example(pages):
    for path, command in commands():
        assert f"## {' '.join(path)}\n" in pages["reference/commands.md"]
        assert command.epilog, path
        assert command.epilog.startswith(f"Example: {' '.join(path)}"), path


def all_settings():
    for package in ("layers", "analysis", "tiles", "gis_app"):
        found = pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        for module in (name for _, name, _ in found if name.endswith("settings")):
            for value in vars(importlib.import_module(module)).values():
                if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings:
                    yield value


def test_settings_are_read_in_modules_of_that_name_only():
    """So that the test below sees them all."""
    code = "class \\w+\\((Base)Settings\\)"
    places = {
        path.name
        for path in ROOT.glob("*/**/*.py")
        if not {".venv", "var"} & set(path.parts) and re.search(code, path.read_text())
    }
    assert places == {"settings.py"}


def test_every_setting_is_listed(pages):
    page = pages["reference/settings.md"]
    for kind in all_settings():
        for name in kind.model_fields:
            variable = f"{kind.model_config.get('env_prefix', '')}{name}".upper()
            assert f"| `{variable}` |" in page


def test_the_site_builds_with_no_broken_link(site):
    assert (site / "index.html").exists()
    for layer in catalogue():
        assert (site / "reference/layers" / layer / "index.html").exists()
    for rule in RULES.glob("*.yaml"):
        assert (site / "reference/rules" / rule.stem / "index.html").exists()
    assert not list(site.glob("**/*.py"))


def test_the_site_fetches_nothing_from_outside(site):
    for page in ("index.html", "installing/index.html", "reference/rules/index.html"):
        text = (site / page).read_text(encoding="utf-8")
        assert (
            re.findall(r'(?:src|href)="(?:https?:)?//(?!127\.0\.0\.1)[^"]*\.(?:js|css|woff2?|png|svg)', text)
            == []
        )


def invocations():
    """Every ``vatra …`` in the written pages: words and options."""
    for path in WRITTEN:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?:^|[ `/])vatra ([a-z][^\n`|;)]*)", text, re.MULTILINE):
            words = line.split("#")[0].split()
            yield path.name, words


def test_commands_in_the_pages_exist_with_their_options():
    known = {path[1:]: command for path, command in commands()}
    groups = {path[:1] for path in known if len(path) > 1}
    checked = 0
    for page, words in invocations():
        path = tuple(words[:2]) if tuple(words[:1]) in groups else tuple(words[:1])
        if path not in known:
            assert path in groups or path[0] not in {name for (name, *_) in known}, (
                f"{page}: vatra {' '.join(words)}"
            )
            continue
        options = {option for parameter in known[path].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, (
            f"{page}: vatra {' '.join(words)}"
        )
        checked += 1
    assert checked > 15


def test_variables_in_the_pages_exist():
    known = {
        f"{kind.model_config.get('env_prefix', '')}{name}".upper()
        for kind in all_settings()
        for name in kind.model_fields
    }
    for path in WRITTEN:
        named = set(re.findall(r"VATRA_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))
        assert named <= known, path.name


def test_example_rules_in_the_pages_are_right(tmp_path):
    """The files shown under /etc/vatra/rules are put into a county's folder and validated."""
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n# /etc/vatra/rules/([a-z.-]+\.yaml)[^\n]*\n(.*?)```", text, re.DOTALL)
    for name, content in shown:
        (tmp_path / name).write_text(content, encoding="utf-8")
    rules, errors = survey(RULES, tmp_path)
    assert errors == ()
    assert {name.removesuffix(".yaml") for name, _ in shown} == {
        rule.id for rule in rules.values() if rule.overrides
    }


def test_rules_and_layers_named_in_the_pages_exist():
    rules, _ = survey()
    for path in WRITTEN:
        for name in re.findall(r"`([a-z]+\.[a-z0-9_-]+)`", path.read_text(encoding="utf-8")):
            if name.split(".")[0] in {layer.split(".")[0] for layer in catalogue()}:
                assert name in rules or name in catalogue(), f"{path.name}: {name}"


def test_paths_named_in_the_pages_exist():
    for path in WRITTEN:
        for name in re.findall(
            r"`((?:analysis|layers|gis_app|tiles|scripts|docs|migrations)/[\w./-]*)`",
            path.read_text(encoding="utf-8"),
        ):
            assert (ROOT / name).exists(), f"{path.name}: {name}"
