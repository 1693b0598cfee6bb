"""The map and sign-in pages in Romanian, Hungarian and English: words, titles, addresses."""

from __future__ import annotations

import json
import re
import string
from typing import Any

import pytest
from flask.testing import FlaskClient

from analysis.rulebook import read_rulebook
from gis_app.map.texts import LANGUAGES, Language, texts
from layers.catalogue import catalogue
from layers.groups import groups

PATHS = {"ro": "", "hu": "/hu", "en": "/en"}
OURS = {"Sec-Fetch-Site": "same-origin"}
NAMES = {"ro": "RO, Română", "hu": "HU, Magyar", "en": "EN, English"}


def script_of(client: FlaskClient, language: Language) -> Any:
    page = client.get(f"{PATHS[language]}/map").text
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def gaps(text: str) -> list[str]:
    return sorted(gap for _, gap, _, _ in string.Formatter().parse(text) if gap)


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_words_and_gaps(language: Language) -> None:
    romanian, other = texts("ro"), texts(language)
    assert list(other) == list(romanian)
    assert {name: gaps(text) for name, text in other.items()} == {
        name: gaps(text) for name, text in romanian.items()
    }
    # The Romanian page need not say that sentences are in Romanian.
    empty = [name for name, text in other.items() if text.strip() != text or not text]
    assert empty == (["report.romanian"] if language == "ro" else [])


def test_letters_are_those_of_the_language() -> None:
    # Certificates are in Romanian, and so is what is typed into them.
    written = {
        language: "".join(text for name, text in texts(language).items() if name != "take.purpose.hint")
        for language in LANGUAGES
    }
    assert not set("şţŞŢ") & set(written["ro"])
    assert not set("õûÕÛășțâî") & set(written["hu"])
    assert not set("ăâîșțáéíóöőúüű") & set(written["en"])


def test_hungarian_is_translated() -> None:
    same = {name for name, text in texts("hu").items() if text in (texts("ro")[name], texts("en")[name])}
    assert same == {"paper.A4", "paper.A3"}
    rules = {name: rule.title for name, rule in read_rulebook().rules.items()}
    titles = {name: layer.title for name, layer in catalogue().items()} | groups()
    for name, (hungarian, *others) in {
        **{name: (title.hu, title.ro, title.en) for name, title in rules.items()},
        **{name: (title.hu, title.ro, title.en) for name, title in titles.items()},
    }.items():
        assert hungarian, name
        assert hungarian not in others, name
        assert not set("õûÕÛășțâî") & set(hungarian), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_words_of_the_asked_language_are_sent(client: FlaskClient, language: Language) -> None:
    page = script_of(client, language)
    assert page["language"] == language
    assert page["texts"] == texts(language)
    whole = json.dumps(page, ensure_ascii=False)
    for other in set(LANGUAGES) - {language}:
        assert texts(other)["panel.hint"] not in whole


def test_titles_of_layers_groups_and_rules_are_hungarian(client: FlaskClient) -> None:
    page = script_of(client, "hu")
    assert page["titles"]["cadastre.parcel"] == catalogue()["cadastre.parcel"].title.hu
    assert page["rules"]["heritage.monument"] == "Műemlék"
    shown = client.get("/hu/map").text
    assert f"<summary>{groups()['planning'].hu}</summary>" in shown
    assert "1:50\xa0000 méretaránytól" in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["/map", "/autentificare"])
def test_every_page_names_itself_in_all_languages(client: FlaskClient, language: Language, page: str) -> None:
    shown = client.get(PATHS[language] + page).text
    assert f'<html lang="{language}">' in shown
    named: list[tuple[str, str]] = re.findall(
        r'<link rel="alternate" hreflang="([^"]+)" href="http://localhost([^"]+)">', shown
    )
    assert dict(named) == {"x-default": page, **{code: path + page for code, path in PATHS.items()}}
    switch = re.findall(
        r'<li><a class="keeps" lang="(\w+)" hreflang="(\w+)" href="([^"]+)"(.*?)</a>', shown, re.DOTALL
    )
    assert [(code, address) for code, _, address, _ in switch] == [
        (one, PATHS[one] + page) for one in LANGUAGES
    ]
    for code, hreflang, _, rest in switch:
        assert hreflang == code
        assert f'aria-label="{NAMES[code]}"' in rest
        assert ('aria-current="page"' in rest) == (code == language)


@pytest.mark.parametrize("path", ["/ro/map", "/de/map", "/ro/autentificare", "/HU/map"])
def test_there_are_no_other_addresses(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_signing_in_and_out_stays_hungarian(client: FlaskClient, token: Any) -> None:
    wrong = client.post("/hu/autentificare", data={"token": "vatra_wrong"}, headers=OURS)
    assert wrong.status_code == 403
    assert texts("hu")["signin.wrong"] in wrong.text
    assert "Caută" not in wrong.text
    right = client.post("/hu/autentificare", data={"token": token("layers:staff")}, headers=OURS)
    assert right.headers["Location"] == "/hu/map"
    assert client.post("/hu/iesire", headers=OURS).headers["Location"] == "/hu/map"
