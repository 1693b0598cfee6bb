"""What a document is composed from: the report, the form, who issues, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from analysis.findings import CheckReport, Finding
from analysis.reference import ApprovalKind, Purpose
from analysis.rulebook import Rulebook
from analysis.writing import LEAST_M
from gis_app.certificates.document import Caution, Sentence, Source, State
from gis_app.certificates.form import Form
from gis_app.certificates.romanian import metres
from gis_app.certificates.settings import AuthoritySettings
from gis_app.certificates.vocabulary import Texts, Vocabulary, vocabulary


class Completed(BaseModel):
    """The certificate that an annex F_CU_07_1 completes after its zonal plan was approved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    day: date


class Request(BaseModel):
    """What was asked for. All of it may be empty: an information certificate needs no written request.

    ``works``: what is to be built or pulled down, by the ids of ``analysis.reference.purposes``.
    Address parts are those of the property. Personal data (``applicant``) go into the document only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: str | None = None
    number: str | None = None
    day: date | None = None
    applicant: str | None = None
    works: tuple[str, ...] = ()
    completes: Completed | None = None
    locality: str | None = None
    street: str | None = None
    street_number: str | None = None
    postcode: str | None = None


@dataclass(frozen=True)
class Context:
    """Everything the composers read. ``number`` is None until the registry has given one.

    ``purposes`` are those the request names, ``purpose_approvals`` the approvals they ask for.
    """

    report: CheckReport
    form: Form
    authority: AuthoritySettings
    rules: Rulebook
    produced_at: datetime
    state: State
    request: Request = field(default_factory=Request)
    purposes: tuple[Purpose, ...] = ()
    purpose_approvals: tuple[ApprovalKind, ...] = ()
    number: str | None = None
    seal_lines: tuple[str, ...] = ()
    annexes: tuple[str, ...] = ()
    words: Vocabulary = field(default_factory=vocabulary)

    @property
    def texts(self) -> Texts:
        """The sentences that no rule gives."""
        return self.words.texts

    @property
    def road_act(self) -> bool:
        """Whether this is an act of a road's administrator, which the rules of certificates do not govern."""
        return self.form.certificate.startswith("road")

    @property
    def acting_head(self) -> str:
        """Who heads the issuing authority: by the rules of competence, for a road act the road's owner."""
        if self.road_act:
            return "county_council_president" if self.authority.kind == "county_council" else "mayor"
        return self.report.competence.issuer

    def numbered(self, number: str, seal_lines: tuple[str, ...]) -> Context:
        """The same, with the number the registry gave and what the page says of the seal."""
        return replace(self, number=number, seal_lines=seal_lines)

    def by_form(self, text: str, basis: str | None = None) -> Sentence:
        """A sentence that the form or the authority says, not a rule."""
        return Sentence(text=text, basis=basis, sources=(Source(author=f"formular {self.form.code}"),))

    def from_subject(self, text: str) -> Sentence:
        """A sentence taken from the land's own record."""
        record = Source(layer="cadastre.parcel", layer_version=self.version("cadastre.parcel"))
        return Sentence(text=text, sources=(record,))

    @property
    def county(self) -> str:
        """The county of the authority, else of the land."""
        of_land = (uat.county for uat in self.report.subject.uats if uat.county)
        return self.authority.county or next(of_land, "")

    def version(self, layer: str) -> int | None:
        """The version of a layer that the report was made on."""
        return next((used.version for used in self.report.layers if used.id == layer), None)

    def rule_title(self, rule: str) -> str:
        """The rule's Romanian title; its id where the rule set has no such rule."""
        known = self.rules.rules.get(rule)
        return known.title.ro if known else rule


def act(grounded: Finding | Purpose) -> str | None:
    """The printable legal basis: "OG 43/1997, anexa 1; Codul, art. 160"."""
    printed = (
        f"{basis.act}, {basis.article}" if basis.article else basis.act for basis in grounded.legal_basis
    )
    return "; ".join(printed) or None


def source(finding: Finding) -> Source:
    """What is behind a finding, for the trace."""
    feature = finding.feature
    return Source(
        finding=finding.id,
        rule=finding.rule,
        act=act(finding),
        layer=feature.layer if feature else None,
        layer_version=feature.version if feature else None,
        feature=feature.id if feature else None,
        relation=finding.relation,
        distance_m=finding.distance_m,
        limit_m=finding.limit_m,
        overlap_m2=finding.overlap_m2,
        certainty=finding.certainty,
        margin_m=finding.margin_m,
    )


def cautions(finding: Finding) -> tuple[Caution, ...]:
    """Why a finding must be read with care."""
    found: list[Caution] = []
    if finding.certainty == "borderline":
        found.append("borderline")
    if finding.status == "to_confirm":
        found.append("to_confirm")
    return tuple(found)


def note(context: Context, finding: Finding) -> str | None:
    """The same in a word or two, as printed."""
    texts = context.texts
    said = {
        "borderline": texts.borderline.format(margin=metres(max(finding.margin_m or 0, LEAST_M))),
        "to_confirm": texts.to_confirm,
    }
    return ", ".join(said[caution] for caution in cautions(finding)) or None


def statement(context: Context, finding: Finding, *, with_basis: bool) -> Sentence:
    """A finding's own text, which says itself when it is at a limit, as a sentence of the document."""
    return Sentence(
        text=finding.text,
        basis=act(finding) if with_basis else None,
        note=context.texts.to_confirm if finding.status == "to_confirm" else None,
        sources=(source(finding),),
        cautions=cautions(finding),
    )


def merged(sentences: list[Sentence]) -> tuple[Sentence, ...]:
    """Sentences that read the same printed once, with the sources of all."""
    by_text: dict[tuple[str, str | None, str | None], Sentence] = {}
    for sentence in sentences:
        key = (sentence.text, sentence.basis, sentence.note)
        earlier = by_text.get(key)
        if earlier:
            sentence = earlier.model_copy(update={"sources": earlier.sources + sentence.sources})
        by_text[key] = sentence
    return tuple(by_text.values())
