/** Land that is in no register: drawn, uploaded as GeoJSON, or given by its corners. */
import GeoJSON from "ol/format/GeoJSON";
import type Map from "ol/Map";
import { byId } from "./dom";
import { onDrawer, openDrawer } from "./drawers";
import { t } from "./page";
import { ask } from "./panel";
import { STEREO70 } from "./projection";
import type { Geometry, Land } from "./report";
import { Sketch } from "./sketch";

const DECIMALS = 2;
const problem = byId("draw-problem");
const running = byId("drawing");

export function installDraw(map: Map): void {
  const sketch: Sketch = new Sketch(map, () => {}, (geometry) => {
    const drawn = new GeoJSON().writeGeometryObject(geometry, { decimals: DECIMALS }) as Geometry;
    // The interaction is still at work on this very click.
    setTimeout(() => end());
    openDrawer(null);
    void ask(map, { geometry: drawn, crs: STEREO70 }, false);
  });
  const end = (): void => {
    sketch.stop();
    sketch.clear();
    running.hidden = true;
  };
  byId("draw-start").addEventListener("click", () => {
    sketch.start("Polygon");
    running.hidden = false;
    map.getTargetElement()!.focus();
  });
  byId("draw-corner").addEventListener("click", () => sketch.corner());
  byId("draw-finish").addEventListener("click", () => sketch.finish());
  byId("draw-cancel").addEventListener("click", end);
  onDrawer("draw", (open) => !open && end());
  const check = (land: Land): void => {
    problem.hidden = true;
    openDrawer(null);
    void ask(map, land, true);
  };
  const file = byId<HTMLInputElement>("draw-file");
  file.addEventListener("change", () => void upload(file, check));
  byId<HTMLFormElement>("draw-list").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId<HTMLTextAreaElement>("draw-text").value.trim();
    if (text) check({ coordinates: text });
  });
}

async function upload(field: HTMLInputElement, check: (land: Land) => void): Promise<void> {
  const [file] = field.files ?? [];
  if (!file) return;
  try {
    const content: { type?: string; crs?: { properties?: { name?: string } } } = JSON.parse(await file.text());
    if (!content.type) throw new Error("no type");
    const { crs, ...geometry } = content;
    check({ geometry, crs: crsOf(crs?.properties?.name, geometry) });
  } catch {
    problem.textContent = t("draw.file.wrong");
    problem.hidden = false;
  }
  field.value = "";
}

/** GeoJSON is in degrees unless it says otherwise, or its figures cannot be any. */
function crsOf(named: string | undefined, geometry: object): string {
  const code = named && /EPSG:+(\d+)/i.exec(named)?.[1];
  if (code) return `EPSG:${code}`;
  const first = /\[\s*(-?\d+(?:\.\d+)?)/.exec(JSON.stringify(geometry))?.[1];
  return Math.abs(Number(first)) > 180 ? STEREO70 : "EPSG:4326";
}
