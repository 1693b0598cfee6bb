/** The land and what was found on it, as shapes on the map; a finding and its shape light each other. */
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type Geometry from "ol/geom/Geometry";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import MultiPolygon from "ol/geom/MultiPolygon";
import VectorLayer from "ol/layer/Vector";
import type Map from "ol/Map";
import type { Pixel } from "ol/pixel";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { during } from "./busy";
import { ask, type CheckReport, type Finding } from "./report";
import { Sketch } from "./sketch";
import { on, state, tell } from "./state";

const NEIGHBOURHOOD_M = 250;
const TOLERANCE_PX = 4;
const COLOURS: Record<string, string> = {
  restriction: "168,67,28", approval: "138,90,0", zoning: "29,66,54", information: "60,90,120", competence: "60,90,120",
};

// No zone of a plan is blue, so that it shows on all of them.
const LIT = "#006ac1";

const reader = new GeoJSON();
const read = (shape: object): Geometry => reader.readGeometry(shape)!;
const land = new VectorSource();
const shapes = new VectorSource();

const outline = [
  new Style({ stroke: new Stroke({ color: "rgba(255,255,255,0.9)", width: 6 }), zIndex: 1 }),
  new Style({ stroke: new Stroke({ color: "#1d4236", width: 3 }), zIndex: 2 }),
];

let lit: ReadonlySet<string> = new Set();

function isLit(feature: Feature): boolean {
  return (feature.get("findings") as string[]).some((finding) => lit.has(finding));
}

function style(feature: Feature): Style[] {
  const colour = COLOURS[feature.get("effect") as string] ?? COLOURS.information!;
  if (isLit(feature)) {
    return [
      new Style({
        zIndex: 10,
        fill: new Fill({ color: "rgba(0,106,193,0.35)" }),
        stroke: new Stroke({ color: "#ffffff", width: 8 }),
        image: mark(LIT, "#ffffff", 9),
      }),
      new Style({ zIndex: 11, stroke: new Stroke({ color: LIT, width: 4 }) }),
    ];
  }
  // What holds for the whole of the land would only hide the map: it is lit when touched.
  if (feature.get("quiet")) return [new Style({ fill: new Fill({ color: "rgba(0,0,0,0)" }) })];
  return [
    new Style({
      fill: new Fill({ color: `rgba(${colour},0.16)` }),
      stroke: new Stroke({ color: `rgba(${colour},0.75)`, width: 2, lineDash: [6, 4] }),
      image: mark(`rgba(${colour},0.8)`, "#ffffff", 5),
    }),
  ];
}

function mark(fill: string, stroke: string, radius: number): CircleStyle {
  return new CircleStyle({ radius, fill: new Fill({ color: fill }), stroke: new Stroke({ color: stroke, width: 2 }) });
}

function area(geometry: Geometry | undefined): number {
  return geometry instanceof Polygon || geometry instanceof MultiPolygon ? geometry.getArea() : 0;
}

/** A feature that stands for findings: one for all that share the shape. */
function add(geometry: Geometry, finding: Finding, whole: number): void {
  const key = JSON.stringify([geometry.getType(), geometry.getExtent().map(Math.round), Math.round(area(geometry))]);
  const known = shapes.getFeatures().find((feature) => feature.get("key") === key);
  if (known) {
    known.set("findings", [...(known.get("findings") as string[]), finding.id]);
    return;
  }
  const feature = new Feature(geometry);
  const quiet = finding.geometry === null || area(geometry) > 0.99 * whole;
  feature.setProperties({ findings: [finding.id], effect: finding.effect, key, quiet });
  shapes.addFeature(feature);
}

async function draw(report: CheckReport | undefined): Promise<void> {
  land.clear();
  shapes.clear();
  if (!report) return;
  const whole = read(report.subject.geometry);
  land.addFeature(new Feature(whole));
  const size = area(whole);
  const elsewhere: Finding[] = [];
  for (const finding of report.findings) {
    if (finding.geometry) add(read(finding.geometry), finding, size);
    else if (finding.feature) elsewhere.push(finding);
    else add(whole, finding, size);
  }
  await addElsewhere(report, elsewhere, whole, size);
}

/** What lies beside the land (a road, a network) is asked for: the report names it, without its shape. */
async function addElsewhere(report: CheckReport, findings: Finding[], whole: Geometry, size: number): Promise<void> {
  if (!findings.length) return;
  const asked = state.land;
  const query = new URLSearchParams();
  for (const { feature } of findings) query.append("f", `${feature!.layer}:${feature!.id}`);
  const [west, south, east, north] = whole.getExtent();
  const reach = [west! - NEIGHBOURHOOD_M, south! - NEIGHBOURHOOD_M, east! + NEIGHBOURHOOD_M, north! + NEIGHBOURHOOD_M];
  query.set("bbox", reach.map((end) => end.toFixed(1)).join(","));
  const found = await (await ask(`/map/shapes?${query}`)).json();
  if (asked !== state.land) return;
  const byName = new globalThis.Map<string, Geometry>(
    found.features.map((one: { id: string; geometry: object }) => [one.id, read(one.geometry)]),
  );
  for (const finding of findings) {
    add(byName.get(`${finding.feature!.layer}:${finding.feature!.id}`) ?? whole, finding, size);
  }
  void report;
}

/** Findings whose shape lies under a pixel; where several do, those of the smallest.
 *
 * Beside the land an area that reaches over it (a zone, a village) is not what somebody points at.
 */
export function findingsAt(map: Map, pixel: Pixel): Set<string> {
  const hit: Feature[] = [];
  const inside = onLand(map.getCoordinateFromPixel(pixel));
  const meets = (feature: Feature): void => {
    if (inside || !reachesOver(feature)) hit.push(feature);
  };
  map.forEachFeatureAtPixel(pixel, (feature) => meets(feature as Feature), {
    layerFilter: (layer) => layer.getSource() === shapes,
    hitTolerance: TOLERANCE_PX,
  });
  const smallest = Math.min(...hit.map((feature) => area(feature.getGeometry())));
  const meant = hit.filter((feature) => area(feature.getGeometry()) <= smallest * 1.001);
  return new Set(meant.flatMap((feature) => feature.get("findings") as string[]));
}

function reachesOver(feature: Feature): boolean {
  const geometry = feature.getGeometry()!;
  return area(geometry) > 0 && geometry.intersectsExtent(landExtent());
}

/** Whether a place is on the land that is shown. */
export function onLand(coordinate: number[]): boolean {
  return land.getFeatures().some((feature) => feature.getGeometry()!.intersectsCoordinate(coordinate));
}

/** A mark at coordinates that were looked for. */
export function markPlace(x: number, y: number): void {
  shapes.clear();
  land.clear();
  const feature = new Feature(new Point([x, y]));
  feature.setStyle(new Style({ image: mark("#a8431c", "#ffffff", 8) }));
  land.addFeature(feature);
}

export function landExtent(): number[] {
  return land.getExtent()!;
}

export function installLit(map: Map): void {
  const layer = new VectorLayer({ source: shapes, style: (feature) => style(feature as Feature), zIndex: 10 });
  map.addLayer(layer);
  map.addLayer(new VectorLayer({ source: land, style: outline, zIndex: 9 }));
  on("report", (report) => void during(draw(report)));
  on("lit", (ids) => {
    lit = ids;
    layer.changed();
  });
  map.on("pointermove", (event) => {
    if (event.dragging || Sketch.current?.active) return;
    const under = findingsAt(map, event.pixel);
    map.getTargetElement()!.classList.toggle("over", under.size > 0);
    if (under.size || lit.size) tell("lit", under);
  });
  map.getViewport()!.addEventListener("mouseleave", () => void (lit.size && tell("lit", new Set())));
}
