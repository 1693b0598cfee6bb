/** The map itself: its view, its figures below, and how the keyboard works it. */
import { defaults as controls } from "ol/control/defaults";
import ScaleLine from "ol/control/ScaleLine";
import Map from "ol/Map";
import View from "ol/View";
import { byId } from "./dom";
import { figure, page, t } from "./page";
import { placeText, projection, resolutionOf, scaleOf } from "./projection";

const MARGIN_M = 20_000;
// What a sheet of A4 is wide between its margins.
const PAPER_PX = 680;
// Beyond the county nobody looks, and a whole tile of the coarsest levels would show half a country.
const SMALLEST = 1_000_000;
export const STILL = matchMedia("(prefers-reduced-motion: reduce)").matches;

export function makeMap(): Map {
  const [west, south, east, north] = page.extent;
  const view = new View({
    projection,
    extent: [west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M],
    showFullExtent: true,
    // Only the scales that tiles are drawn at: nothing is blurred, and plans are read at round scales.
    resolutions: page.grid.denominators.filter((scale) => scale <= SMALLEST).map(resolutionOf),
    constrainResolution: true,
    enableRotation: false,
  });
  const map = new Map({
    target: "map",
    view,
    controls: controls({ attribution: false, rotate: false, zoom: false }).extend([
      new ScaleLine({ target: byId("line") }),
    ]),
  });
  view.fit(page.extent, { padding: padding() });
  installFigures(map);
  addEventListener("beforeprint", keepSize);
  return map;
}

/** On paper the map keeps its pixels, made smaller: there is no time to draw others. */
function keepSize(): void {
  const { style, clientWidth, clientHeight } = byId("map");
  style.setProperty("--width", `${clientWidth}px`);
  style.setProperty("--height", `${clientHeight}px`);
  style.setProperty("--smaller", String(Math.min(1, PAPER_PX / clientWidth)));
}

/** Room to leave round what is shown, because the panel lies over the map. */
export function padding(): [number, number, number, number] {
  if (innerWidth < 720) return [70, 60, innerHeight * 0.45, 20];
  return [40, 80, 50, byId("panel").offsetWidth + 40];
}

/** Move to an extent, at 1:500 at most. */
export function show(map: Map, extent: number[], largest = 1000): void {
  map.getView().fit(extent, {
    padding: padding(),
    minResolution: resolutionOf(largest),
    duration: STILL ? 0 : 250,
  });
}

/** Zoom by that many steps. */
export function zoom(map: Map, steps: number): void {
  const view = map.getView();
  view.animate({ zoom: view.getConstrainedZoom(view.getZoom()! + steps), duration: STILL ? 0 : 150 });
}

function installFigures(map: Map): void {
  const pointer = byId<HTMLOutputElement>("pointer");
  const scale = byId("scale");
  const tellScale = (): void => {
    const denominator = scaleOf(map.getView().getResolution()!);
    scale.textContent = t("status.scale", { scale: figure(Number(denominator.toPrecision(3)), 0) });
  };
  const tellCentre = (): void => {
    const [x, y] = map.getView().getCenter()!;
    pointer.value = placeText(x!, y!);
  };
  map.on("pointermove", (event) => {
    const [x, y] = event.coordinate;
    pointer.value = placeText(x!, y!);
  });
  map.getView().on("change:resolution", tellScale);
  map.on("moveend", () => {
    tellScale();
    if (!map.getViewport()!.matches(":hover")) tellCentre();
  });
}
