/** The layer tree: what is shown, how strongly, its legend; and the day. */
import { byId, h } from "./dom";
import { dayText, page, t, type LayerInfo } from "./page";
import { legendOf } from "./pictures";
import { on, state, tell } from "./state";

const slider = byId<HTMLInputElement>("day");
const shown = byId<HTMLOutputElement>("day-shown");
const HALF_OPEN = 100;

export function installLayers(): void {
  for (const item of document.querySelectorAll<HTMLElement>("[data-layer]")) {
    const layer = page.layers.find((one) => one.id === item.dataset.layer)!;
    installLayer(item, layer);
  }
  on("layers", reflect);
  slider.addEventListener("input", tellDay);
  slider.addEventListener("change", () => chooseDay(page.days[slider.valueAsNumber]!));
  on("day", reflectDay);
  byId("past").querySelector("button")!.addEventListener("click", () => chooseDay(page.today));
  reflectDay();
}

export function chooseDay(day: string): void {
  if (day === state.day) return;
  state.day = day;
  tell("day", undefined);
}

function installLayer(item: HTMLElement, layer: LayerInfo): void {
  const box = item.querySelector<HTMLInputElement>("input[type=checkbox]")!;
  const opacity = item.querySelector<HTMLInputElement>("input[type=range]")!;
  const more = item.querySelector<HTMLButtonElement>(".more")!;
  const detail = item.querySelector<HTMLElement>(".detail")!;
  const change = (): void => {
    if (box.checked) state.shown.set(layer.id, opacity.valueAsNumber / HALF_OPEN);
    else state.shown.delete(layer.id);
    tell("layers", undefined);
  };
  box.addEventListener("change", change);
  opacity.addEventListener("change", () => {
    box.checked = true;
    change();
  });
  more.addEventListener("click", () => {
    detail.hidden = !detail.hidden;
    more.setAttribute("aria-expanded", String(!detail.hidden));
    if (!detail.hidden && !layer.bounds && !detail.querySelector("img")) {
      detail.append(h("img", { src: legendOf(layer), alt: t("layers.legend", { layer: layer.title }) }));
    }
  });
}

/** The tree says what is shown, also where a link said so. */
function reflect(): void {
  for (const item of document.querySelectorAll<HTMLElement>("[data-layer]")) {
    const strength = state.shown.get(item.dataset.layer!);
    item.querySelector<HTMLInputElement>("input[type=checkbox]")!.checked = strength !== undefined;
    if (strength !== undefined) {
      item.querySelector<HTMLInputElement>("input[type=range]")!.value = String(strength * HALF_OPEN);
    }
  }
}

function tellDay(): void {
  const day = page.days[slider.valueAsNumber]!;
  shown.value = day === page.today ? t("day.today", { day: dayText(day) }) : dayText(day);
  slider.setAttribute("aria-valuetext", shown.value);
}

function reflectDay(): void {
  slider.value = String(page.days.indexOf(state.day));
  tellDay();
}
