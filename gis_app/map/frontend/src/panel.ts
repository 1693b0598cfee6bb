/** The panel of results: opened by asking about land, in three sizes on narrow screens. */
import type Map from "ol/Map";
import { byId, h } from "./dom";
import { installLighting, render } from "./findings";
import { landExtent } from "./lit";
import { show } from "./map";
import { dayText, page, t } from "./page";
import { check, Problem, type CheckReport, type Land } from "./report";
import { on, state, tell } from "./state";
import { takeaway } from "./takeaway";

const panel = byId("panel");
const findings = byId("findings");
const grip = byId<HTMLButtonElement>("grip");
const plain = byId<HTMLAnchorElement>("plain");
const LIST = plain.getAttribute("href")!;
let turn = 0;

type Size = "hint" | "half" | "full";

function resize(size: Size): void {
  panel.dataset.size = size;
  grip.setAttribute("aria-expanded", String(size === "full"));
  grip.setAttribute("aria-label", t(size === "full" ? "panel.smaller" : "panel.larger"));
}

function say(...content: (Node | string)[]): void {
  findings.replaceChildren(...content);
}

/** Check land and show what was found. Only the last question is answered. */
export async function ask(map: Map, land: Land, move: boolean): Promise<void> {
  const mine = ++turn;
  state.land = land;
  tell("land", undefined);
  panel.setAttribute("aria-busy", "true");
  if (!findings.querySelector(".report")) say(h("p", { class: "hint", role: "status" }, t("panel.loading")));
  try {
    const report = await check(land);
    if (mine !== turn) return;
    showReport(map, report, move);
  } catch (error) {
    if (mine === turn) fail(error);
  } finally {
    if (mine === turn) panel.removeAttribute("aria-busy");
  }
}

function showReport(map: Map, report: CheckReport, move: boolean): void {
  tell("report", report);
  const close = h("button", { type: "button", class: "close", "aria-label": t("panel.close"), click: () => clear() }, "×");
  const zoomTo = h("button", { type: "button", class: "plain", click: () => show(map, landExtent()) }, t("panel.zoom"));
  const { siruta, cadastral_number: number } = report.subject;
  const address = siruta && number ? `/imobil?uat=${siruta}&numar=${encodeURIComponent(number)}` : null;
  const asPage = address && h("a", { href: address, hreflang: "ro" }, t("panel.page"));
  plain.href = address ?? LIST;
  say(close, render(report, takeaway(report)));
  findings.querySelector("header")!.append(h("p", { class: "row" }, zoomTo, asPage));
  findings.scrollTop = 0;
  if (panel.dataset.size === "hint") resize("half");
  if (move) show(map, landExtent());
  findings.querySelector<HTMLElement>("#land")!.focus({ preventScroll: true });
}

function fail(error: unknown): void {
  tell("report", undefined);
  const told = error instanceof Problem ? t("panel.failed", { reason: error.message }) : t("panel.offline");
  say(h("p", { class: "problem", role: "alert" }, told));
}

/** Do what somebody asked for; where that fails, say so beside the map. */
export async function telling(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    fail(error);
  }
}

/** Say that there is no parcel where somebody pressed. */
export function nothingHere(): void {
  clear();
  say(h("p", { class: "hint", role: "status" }, t("panel.none")));
}

export function clear(): void {
  turn++;
  state.land = undefined;
  plain.href = LIST;
  panel.removeAttribute("aria-busy");
  tell("land", undefined);
  tell("report", undefined);
  say(h("p", { class: "hint" }, t("panel.hint")));
  resize("hint");
}

export function installPanel(map: Map): void {
  installLighting(panel);
  grip.addEventListener("click", () => {
    const next: Record<string, Size> = { hint: "half", half: "full", full: "half" };
    resize(next[panel.dataset.size!]!);
  });
  const past = byId("past");
  on("day", () => {
    past.hidden = state.day === page.today;
    past.querySelector("span")!.textContent = t("day.past", { day: dayText(state.day) });
    if (state.land) void ask(map, state.land, false);
  });
}
