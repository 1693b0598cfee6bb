"""The words certificates use: for codes in the data, and for what they say themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gis_app.certificates.definitions import read_validated

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"


class Strict(BaseModel):
    """A value read from the file: unknown keys are mistakes, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Article(Strict):
    """An article of the local regulation, and the regime of the certificate it belongs to."""

    title: str
    regime: Literal["economic", "technical"]


class Texts(Strict):
    """Sentences that no rule gives; ``{names}`` are filled in where they are used."""

    ownership: str
    ownership_unknown: str
    ownership_public: str
    ownership_private: str
    use_present: str
    use_unknown: str
    use_act: str
    zone_heading: str
    destination: str
    no_regulation: str
    zone_at_edge: str
    outside_zone: str
    outside_zone_act: str
    no_zone: str
    no_zone_act: str
    fiscal: str
    fiscal_act: str
    constraints_heading: str
    access_heading: str
    road_access: str
    road_access_act: str
    no_network: str
    no_network_data: str
    not_known: str
    not_checked: str
    borderline: str
    to_confirm: str
    legend_borderline: str
    legend_to_confirm: str
    request_none: str
    request_anyone: str
    purpose_information: str
    automatic: str
    sealed_by: str
    seal_issuer: str
    seal_check: str
    unsealed: str
    banner_preview: str
    banner_draft: str
    missing_heading: str
    missing_lead: str
    competence: str
    by_convention: str
    produced: str
    layers: str
    layer: str
    edition: str
    at_least: str
    at_most: str


class Vocabulary(Strict):
    """Everything of ``vocabulary.yaml``."""

    use_categories: dict[str, str]
    networks: dict[str, str]
    attributes: dict[str, str]
    reasons: dict[str, str]
    missing_determinants: dict[str, str]
    missing_annexes: dict[str, str]
    sides: dict[str, str]
    road_categories: dict[str, str]
    issuers: dict[str, str]
    heads: dict[str, str]
    articles: dict[int, Article]
    items: dict[str, str]
    texts: Texts

    def attribute(self, code: object) -> str:
        """A code of the data in Romanian; text that is no code as it stands."""
        return self.attributes.get(str(code), str(code))


def read_vocabulary(path: Path) -> Vocabulary:
    """The vocabulary from its file; DefinitionError names file, line and cause."""
    return read_validated(path, Vocabulary.model_validate)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary in use."""
    return read_vocabulary(VOCABULARY)
