/** Measuring in the plane of Stereo70: what surveyors measure, not on the ellipsoid. */
import type Geometry from "ol/geom/Geometry";
import LinearRing from "ol/geom/LinearRing";
import Polygon from "ol/geom/Polygon";
import type Map from "ol/Map";
import { getLength } from "./planar";
import { byId } from "./dom";
import { onDrawer } from "./drawers";
import { figure, metres, squareMetres, t } from "./page";
import { isLine, Sketch } from "./sketch";

const HECTARE_M2 = 10_000;
const output = byId<HTMLOutputElement>("measured");

function measured(geometry: Geometry): string {
  if (isLine(geometry)) return metres(geometry.getLength());
  if (!(geometry instanceof Polygon)) return "–";
  const ring = geometry.getLinearRing(0) as LinearRing;
  const area = geometry.getArea();
  const hectares = area >= HECTARE_M2 ? ` (${figure(area / HECTARE_M2)} ha)` : "";
  return `${squareMetres(area)}${hectares}, ${t("measure.perimeter", { length: metres(getLength(ring.getCoordinates())) })}`;
}

export function installMeasure(map: Map): void {
  const tellIt = (geometry: Geometry): void => void (output.value = measured(geometry));
  const sketch = new Sketch(map, tellIt, tellIt);
  const start = (): void => {
    const area = document.querySelector<HTMLInputElement>("input[name=measure][value=area]")!.checked;
    output.value = "–";
    sketch.start(area ? "Polygon" : "LineString");
  };
  onDrawer("measure", (open) => {
    if (open) start();
    else {
      sketch.stop();
      sketch.clear();
    }
  });
  document.querySelectorAll("input[name=measure]").forEach((choice) => choice.addEventListener("change", start));
  byId("measure-corner").addEventListener("click", () => sketch.corner());
  byId("measure-finish").addEventListener("click", () => sketch.finish());
  byId("measure-clear").addEventListener("click", start);
}
