/** The address says what is shown: place, layers, land and day; opened again, it shows the same. */
import type Map from "ol/Map";
import { byId } from "./dom";
import { chooseDay } from "./layers";
import { page } from "./page";
import { ask } from "./panel";
import { resolutionOf, scaleOf } from "./projection";
import type { Land } from "./report";
import { on, state, tell } from "./state";

const link = byId<HTMLInputElement>("link");
// An address longer than this is cut by mail programs.
const LONGEST = 1800;
const first = new Set(page.layers.filter((layer) => layer.shown).map((layer) => layer.id));

/** What the address says of land: a parcel, or corners that were drawn. */
function landText(land: Land | undefined): string | undefined {
  if (!land) return undefined;
  if ("parcel" in land) return `${land.parcel.siruta}:${land.parcel.cadastral_number}`;
  const text = JSON.stringify(land);
  return text.length < LONGEST ? text : undefined;
}

function landOf(text: string): Land | undefined {
  const parcel = /^(\d+):(.+)$/.exec(text);
  if (parcel) return { parcel: { siruta: Number(parcel[1]), cadastral_number: parcel[2]! } };
  try {
    return JSON.parse(text) as Land;
  } catch {
    return undefined;
  }
}

function layersText(): string | undefined {
  const usual = state.shown.size === first.size && [...state.shown].every(([id, strength]) => first.has(id) && strength === 1);
  if (usual) return undefined;
  return [...state.shown].map(([id, strength]) => (strength === 1 ? id : `${id}*${strength}`)).join(",");
}

function describe(map: Map): string {
  const [x, y] = map.getView().getCenter()!;
  const hash = new URLSearchParams({
    x: x!.toFixed(2), y: y!.toFixed(2), s: scaleOf(map.getView().getResolution()!).toFixed(0),
  });
  const land = landText(state.land);
  const layers = layersText();
  if (land) hash.set("t", land);
  if (layers !== undefined) hash.set("l", layers);
  if (state.day !== page.today) hash.set("d", state.day);
  return hash.toString();
}

/** Show what the address says, and keep saying what is shown. */
export function installShare(map: Map): void {
  restore(map, location.hash);
  // By the event's own address: a move that ends just then has written another one meanwhile. A link that skips to a
  // part of the page is no place.
  addEventListener("hashchange", (event) => {
    const { hash } = new URL(event.newURL);
    if (hash.includes("=")) restore(map, hash);
    else write();
  });
  const write = (): void => {
    // A place on the way is nobody's: what comes at the end of the move writes where it led.
    if (map.getView().getAnimating()) return;
    const hash = `#${describe(map)}`;
    history.replaceState(null, "", hash);
    link.value = location.href;
    for (const one of document.querySelectorAll<HTMLElement>("header .keeps")) {
      if (one instanceof HTMLAnchorElement) one.hash = hash;
      else if (one instanceof HTMLFormElement) one.action = one.action.replace(/#.*|$/, hash);
    }
  };
  map.on("moveend", write);
  on("layers", write);
  on("day", write);
  on("land", write);
  write();
}

function restore(map: Map, hash: string): void {
  const said = new URLSearchParams(hash.slice(1));
  const layers = said.get("l");
  if (layers !== null) {
    const known = new Set(page.layers.map((layer) => layer.id));
    const pairs = layers.split(",").map((one) => one.split("*") as [string, string?]);
    state.shown.clear();
    for (const [id, strength] of pairs) {
      if (known.has(id)) state.shown.set(id, Math.min(Math.max(Number(strength ?? 1) || 0, 0), 1));
    }
    tell("layers", undefined);
  }
  const day = said.get("d") ?? page.today;
  if (page.days.includes(day)) chooseDay(day);
  const [x, y, scale] = ["x", "y", "s"].map((name) => Number(said.get(name)));
  const placed = Boolean(x && y && scale);
  if (placed) {
    map.getView().setCenter([x!, y!]);
    map.getView().setResolution(resolutionOf(scale!));
  }
  const text = said.get("t");
  const land = text && landOf(text);
  if (land && text !== landText(state.land)) void ask(map, land, !placed);
}
