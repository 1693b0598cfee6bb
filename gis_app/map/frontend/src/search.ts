/** The search box: a combobox (ARIA 1.2) whose list comes from the server while somebody types. */
import type Map from "ol/Map";
import { during } from "./busy";
import { byId, h } from "./dom";
import { markPlace } from "./lit";
import { show, STILL } from "./map";
import { figure, page, t } from "./page";
import { ask, clear, telling } from "./panel";
import { resolutionOf } from "./projection";
import { ask as request, parcelAt } from "./report";
import { state } from "./state";

const WAIT_MS = 90;
const SHOWN_SCALE = 1000;

interface Suggestion {
  kind: string;
  title: string;
  place: string;
  x: number | null;
  y: number | null;
  extent: number[] | null;
  siruta: number | null;
  cadastral_number: string | null;
  reading: string | null;
}

const input = byId<HTMLInputElement>("q");
const list = byId("suggestions");
const news = byId("search-news");
let found: Suggestion[] = [];
let active = -1;
let asked = 0;
let timer = 0;

export function installSearch(map: Map): void {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    list.setAttribute("aria-busy", "true");
    timer = window.setTimeout(() => void suggest(), WAIT_MS);
  });
  input.addEventListener("keydown", (event) => key(map, event));
  input.addEventListener("blur", () => window.setTimeout(close, 150));
  input.form!.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(submit(map));
  });
  // Pressed, not clicked: the list must not close under the pointer.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    if (option) void during(choose(map, found[Number(option.dataset.place)]!));
  });
}

async function suggest(): Promise<void> {
  const text = input.value.trim();
  const mine = ++asked;
  if (!text) return close();
  const query = new URLSearchParams({ q: text.slice(0, 120) });
  if (state.day !== page.today) query.set("day", state.day);
  const answer: Suggestion[] = await (await request(`/map/suggestions?${query}`)).json();
  if (mine !== asked) return;
  list.removeAttribute("aria-busy");
  found = answer;
  active = -1;
  list.replaceChildren(...found.map(option));
  input.removeAttribute("aria-activedescendant");
  const any = found.length > 0;
  list.hidden = !any;
  input.setAttribute("aria-expanded", String(any));
  news.textContent = any ? t("search.count", { count: found.length }) : t("search.none");
  news.classList.toggle("hidden", any);
}

function option(one: Suggestion, place: number): HTMLElement {
  const details = [
    t(`kind.${one.kind}`), one.place,
    one.kind === "address" && one.cadastral_number && t("number", { number: one.cadastral_number }),
    one.reading && t(`reading.${one.reading}`),
  ];
  return h(
    "li", { role: "option", id: `suggestion-${place}`, "aria-selected": "false", "data-place": place },
    h("b", {}, titleOf(one)), " ", h("span", { class: "quiet" }, details.filter(Boolean).join(" · ")),
  );
}

function titleOf(one: Suggestion): string {
  return one.kind === "coordinates" ? `X ${figure(one.y!)}  Y ${figure(one.x!)}` : one.title;
}

function key(map: Map, event: KeyboardEvent): void {
  if (event.key === "Escape") {
    // The browser would empty the box at once.
    event.preventDefault();
    if (list.hidden) input.value = "";
    close();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length && !list.hidden) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    activate((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length);
  } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
    event.preventDefault();
    void during(choose(map, found[active]!));
  }
}

function activate(place: number): void {
  active = place;
  [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
  input.setAttribute("aria-activedescendant", `suggestion-${place}`);
  list.children[place]!.scrollIntoView({ block: "nearest" });
}

function close(): void {
  // What was asked while typing must not open the list again.
  clearTimeout(timer);
  asked++;
  list.removeAttribute("aria-busy");
  list.hidden = true;
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  news.classList.add("hidden");
}

/** Enter without choosing: what is suggested first. */
async function submit(map: Map): Promise<void> {
  clearTimeout(timer);
  await suggest();
  if (found[0]) await choose(map, found[0]);
}

async function choose(map: Map, one: Suggestion): Promise<void> {
  input.value = [titleOf(one), one.place].filter(Boolean).join(", ");
  close();
  if (one.siruta !== null && one.cadastral_number !== null) {
    await ask(map, { parcel: { siruta: one.siruta, cadastral_number: one.cadastral_number } }, true);
  } else if (one.extent) {
    clear();
    show(map, one.extent);
  } else if (one.x !== null && one.y !== null) {
    await telling(showPlace(map, one.x, one.y));
  }
}

async function showPlace(map: Map, x: number, y: number): Promise<void> {
  map.getView().animate({ center: [x, y], resolution: resolutionOf(SHOWN_SCALE), duration: STILL ? 0 : 250 });
  const land = await parcelAt(x, y);
  if (land) await ask(map, land, false);
  else {
    clear();
    markPlace(x, y);
  }
}
