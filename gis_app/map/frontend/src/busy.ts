/** While the picture is not yet what was asked for, the map says so (aria-busy). */
import type Map from "ol/Map";
import { byId } from "./dom";

const element = byId("map");
let asked = 0;
let drawn = false;

function say(): void {
  element.setAttribute("aria-busy", String(asked > 0 || !drawn));
}

/** Something that will change the picture once its answers have come. */
export async function during<T>(work: Promise<T>): Promise<T> {
  asked++;
  say();
  try {
    return await work;
  } finally {
    asked--;
    say();
  }
}

export function installBusy(map: Map): void {
  // The end of a frame that was begun before a change says nothing about the change.
  let current = false;
  const change = (): void => {
    current = drawn = false;
    say();
  };
  map.getView().on(["change", "propertychange"], change);
  map.getLayerGroup()!.on("change", change);
  map.on("precompose", () => {
    current = true;
  });
  map.on("rendercomplete", () => {
    // Frames on the way are whole too, and ask for no pictures.
    drawn = current && !map.getView().getAnimating() && !map.getView().getInteracting();
    say();
  });
  say();
}
