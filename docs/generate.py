"""The reference pages, made from the files that the software itself reads; a MkDocs hook.

``pages()`` gives every page as path → Markdown. Nothing here is written by hand about a single layer,
rule, form, command or setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generate_interface import SETTINGS, commands_page, leaves, settings_page
from generate_rules import acts_page, approvals_page, rule_page, rules_index
from markdown_text import cited, code, page, table
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from analysis.reference import acts, approval_kinds
from analysis.rulebook import RULES, Rule, read_rulebook
from gis_app.certificates.form import BoxesPart, FieldsPart, Form, Part, PlacePart, TablePart, TextPart, forms
from gis_app.cli import vatra
from layers.catalogue import Column, Layer, catalogue


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: adds the generated pages to the written ones."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """All generated pages: path under ``docs/`` → Markdown."""
    rules = read_rulebook(RULES).rules
    made = {
        "reference/index.md": index(),
        "reference/commands.md": commands_page(),
        "reference/settings.md": settings_page(),
        "reference/approvals.md": approvals_page(rules.values()),
        "reference/acts.md": acts_page(),
        "reference/layers/index.md": layers_index(),
        "reference/rules/index.md": rules_index(rules.values()),
        "reference/forms/index.md": forms_index(),
    }
    made |= {
        f"reference/layers/{layer.id}.md": layer_page(layer, rules.values()) for layer in catalogue().values()
    }
    made |= {f"reference/rules/{rule.id}.md": rule_page(rule) for rule in rules.values()}
    made |= {f"reference/forms/{form.code}.md": form_page(form) for form in forms().values()}
    return made


def index() -> str:
    """The front page of the reference, with counts."""
    return page(
        "Reference",
        "Made from the files that the software itself reads, so that it cannot lag behind them.",
        table(
            ["What", "How many", "Where the files are"],
            [
                ["[Layers](layers/index.md)", len(catalogue()), "`layers/definitions/*.yaml`"],
                ["[Rules](rules/index.md)", len(read_rulebook(RULES).rules), "`analysis/rules/*.yaml`"],
                [
                    "[Approvals and purposes](approvals.md)",
                    len(approval_kinds()),
                    "`analysis/approvals.yaml`",
                ],
                ["[Acts](acts.md)", len(acts()), "`analysis/acts.yaml`"],
                ["[Forms](forms/index.md)", len(forms()), "`gis_app/certificates/forms/*.yaml`"],
                ["[Commands](commands.md)", len(list(leaves(vatra, ()))), "`gis_app/commands/`"],
                [
                    "[Settings](settings.md)",
                    sum(len(kind.model_fields) for kind in SETTINGS),
                    "the environment",
                ],
            ],
        ),
    )


def layers_index() -> str:
    """All layers by schema."""
    rows = [
        [
            f"[`{layer.id}`]({layer.id}.md)",
            layer.title.ro,
            layer.title.en,
            layer.geometry or "table",
            layer.visibility,
        ]
        for layer in catalogue().values()
    ]
    return page("Layers", table(["Id", "Romanian", "English", "Geometry", "Who sees it"], rows))


def layer_page(layer: Layer, rules: Iterable[Rule]) -> str:
    """One layer: what it holds, how files are matched to it, which rules look at it."""
    users = [rule for rule in rules if layer.id in rule.layers]
    facts = [
        ["Geometry", f"{layer.geometry}, EPSG:3844" if layer.geometry else "none, a table"],
        ["Key", code(layer.key) or "–"],
        ["Accuracy unless the import says otherwise", f"{layer.accuracy_m:g} m"],
        ["Who sees it", layer.visibility],
        ["Drawn between", f"1:{layer.scale.min} and 1:{layer.scale.max}"],
        ["INSPIRE theme", layer.inspire_theme or "–"],
        ["Licence", layer.licence],
        ["File and layer names that are recognised", code(layer.synonyms) or "–"],
    ]
    return page(
        layer.id,
        f"**{layer.title.ro}** · {layer.title.hu} · {layer.title.en}",
        f"{layer.abstract.ro}\n\n{layer.abstract.en}",
        table(["", ""], facts),
        "## Columns",
        table(
            ["Name", "Type", "Meaning", "Recognised field names"],
            [column_row(column) for column in layer.columns],
        ),
        "## Rules that look at it",
        "\n".join(f"- [`{rule.id}`](../rules/{rule.id}.md) {rule.title.ro}" for rule in users) or "None.",
        "## Import",
        f"```sh\nvatra layers import {layer.id} file.gpkg --dry-run\n```",
    )


def column_row(column: Column) -> list[Any]:
    """A column's line in the table of its layer."""
    kind = (
        f"{column.type}{', ' + column.unit if column.unit else ''}{', required' if column.required else ''}"
    )
    values = f"<br>{code(column.values)}" if column.values else ""
    return [
        f"`{column.name}`",
        kind + values,
        f"{column.meaning.ro}<br>*{column.meaning.en}*",
        code(column.synonyms) or "–",
    ]


def forms_index() -> str:
    """All forms."""
    rows = [
        [
            f"[`{form.code}`]({form.code}.md)",
            form.version,
            form.title,
            form.certificate,
            "seal" if form.automatic else "signatures",
            form.valid_from,
        ]
        for form in forms().values()
    ]
    return page("Forms", table(["Code", "Version", "Title", "For", "Issued under", "Since"], rows))


def form_page(form: Form) -> str:
    """One form, section by section."""
    signs = ", ".join(signatory.role for signatory in form.signatories) or "the authority's electronic seal"
    return page(
        form.code,
        f"**{form.title}**{' ' + form.subtitle if form.subtitle else ''}, version {form.version}",
        f"{cited(form.legal_basis)}. Signed by: {signs}.",
        *(
            f"## {section.number or ''} {section.title}\n\n"
            + "\n".join(part_line(part) for part in section.parts)
            for section in form.sections
        ),
    )


def part_line(part: Part) -> str:
    """What stands in a part of a section."""
    if isinstance(part, FieldsPart):
        return "\n".join(f"- field `{field.id}`: {field.label}" for field in part.fields)
    if isinstance(part, BoxesPart):
        return "\n".join(f"- box `{box.id}`: {box.label}{ticked(box.tick)}" for box in part.boxes)
    if isinstance(part, TextPart):
        return f"- from the check: `{part.content}`"
    if isinstance(part, TablePart):
        return f"- table from the check: `{part.content}` ({', '.join(part.columns)})"
    if isinstance(part, PlacePart):
        return f"- to be filled by {part.who}: {part.what}"
    return f"- {part.kind}"


def ticked(tick: Any) -> str:
    """What ticks a box by itself."""
    if tick is None:
        return " (ticked by a person)"
    return f" (ticked by {code((*tick.approvals, *tick.annexes, *tick.facts))})"
