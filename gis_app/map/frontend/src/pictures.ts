/** The layers as pictures: what opens with the page as tiles from the cache, everything else drawn by the WMS.
 *
 * Neighbours of the same opacity come in one picture, so that toggling ten layers costs one request.
 */
import ImageLayer from "ol/layer/Image";
import TileLayer from "ol/layer/Tile";
import type Map from "ol/Map";
import ImageWMS from "ol/source/ImageWMS";
import WMTS from "ol/source/WMTS";
import XYZ from "ol/source/XYZ";
import WMTSTileGrid from "ol/tilegrid/WMTS";
import { byId } from "./dom";
import { loadGently } from "./gently";
import { page, type LayerInfo } from "./page";
import { projection, resolutionOf } from "./projection";
import { on, state } from "./state";

type Drawn = [layer: string, look: string];

interface Run {
  opacity: number;
  drawn: Drawn[];
}

// Levels up whose tiles stand in for those that are still to come: eight times as coarse.
const COARSER = 3;
// Tiles have the pixels of plain screens; finer ones get pictures drawn for them.
const PLAIN_SCREEN = devicePixelRatio < 1.5;
const THEME = new Set(page.layers.filter((layer) => layer.shown).map((layer) => layer.id));
// What comes as tiles beside ours: foreign maps beneath, looks of rasters like shadows over all that is drawn.
const BESIDE = page.layers.filter((layer) => layer.bounds);
const UNDER = BESIDE.filter((layer) => !layer.address);
const OVER_Z = 5;

/** Whether all that opens with the page is shown as it opened: then tiles show it. */
function isTheme(shown: ReadonlyMap<string, number>): boolean {
  // Its tiles are opaque: under them nothing would be seen.
  if (!PLAIN_SCREEN || state.day !== page.today || UNDER.some(({ id }) => shown.has(id))) return false;
  return [...THEME].every((id) => shown.get(id) === 1);
}

/** These looks from the lowest, parted where the opacity changes. */
function runs(drawn: Drawn[], shown: ReadonlyMap<string, number>): Run[] {
  const found: Run[] = [];
  for (const [layer, look] of drawn) {
    const opacity = shown.get(layer)!;
    const last = found.at(-1);
    if (last?.opacity === opacity) last.drawn.push([layer, look]);
    else found.push({ opacity, drawn: [[layer, look]] });
  }
  return found;
}

function parameters(run: Run): Record<string, string | undefined> {
  return {
    LAYERS: run.drawn.map(([layer]) => layer).join(","),
    STYLES: run.drawn.map(([, look]) => (look === "default" ? "" : look)).join(","),
    TIME: state.day === page.today ? undefined : state.day,
  };
}

/** Where the legend of a layer is drawn. */
export function legendOf(layer: LayerInfo): string {
  return `/ows?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&FORMAT=image/png&SLD_VERSION=1.1.0&LAYER=${layer.id}`;
}

function picture(run: Run): ImageLayer<ImageWMS> {
  const source = new ImageWMS({
    url: "/ows",
    params: { VERSION: "1.3.0", FORMAT: "image/png", TRANSPARENT: "true", ...parameters(run) },
    projection,
    ratio: 1,
    serverType: "mapserver",
  });
  return new ImageLayer({ source, opacity: run.opacity });
}

/** Tiles of much smaller scales are no help while those of this one come: a county is a smear over a parcel. */
class NearGrid extends WMTSTileGrid {
  static here = 0;

  override getMinZoom(): number {
    return Math.max(super.getMinZoom(), NearGrid.here - COARSER);
  }
}

function tiles(layer: string, extent: number[], form = "png"): TileLayer<WMTS> {
  const { id, origin, denominators, size } = page.grid;
  const tileGrid = new NearGrid({
    origin,
    resolutions: denominators.map(resolutionOf),
    matrixIds: denominators.map((_, level) => String(level)),
    tileSize: size,
    extent,
  });
  const source = new WMTS({
    url: `/wmts/1.0.0/${layer}/{Style}/current/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.${form}`,
    requestEncoding: "REST",
    layer,
    style: "default",
    matrixSet: id,
    projection,
    tileGrid,
    transition: 0,
    tileLoadFunction: layer === page.theme ? undefined : loadGently,
  });
  return new TileLayer({ source });
}

function address(layer: LayerInfo): string {
  return state.day === page.today ? layer.address! : `${layer.address}&as_of=${state.day}`;
}

function raster(layer: LayerInfo): TileLayer<XYZ> {
  const source = new XYZ({ url: address(layer), maxZoom: layer.deepest, transition: 0 });
  const className = `ol-layer shadow ${layer.id.split(":")[1]}`;
  return new TileLayer({ source, extent: layer.bounds!, className, zIndex: OVER_Z });
}

function beside(layer: LayerInfo): TileLayer<WMTS | XYZ> {
  if (!layer.address) return tiles(layer.id, layer.bounds!, layer.form);
  const made = raster(layer);
  on("day", () => made.getSource()!.setUrl(address(layer)));
  return made;
}

/** Keep the pictures of the map what the state says. */
export function installPictures(map: Map): void {
  const base = tiles(page.theme, page.extent);
  const others = BESIDE.map(beside);
  [...others, base].forEach((layer) => map.addLayer(layer));
  const grid = base.getSource()!.getTileGrid()!;
  const follow = (): void => void (NearGrid.here = grid.getZForResolution(map.getView().getResolution()!));
  map.getView().on("change:resolution", follow);
  follow();
  const credit = byId("credit");
  const ours = credit.textContent;
  let drawn: ImageLayer<ImageWMS>[] = [];
  const redraw = (): void => {
    const tiled = isTheme(state.shown);
    base.setVisible(tiled);
    BESIDE.forEach(({ id }, place) => {
      others[place]!.setVisible(state.shown.has(id));
      others[place]!.setOpacity(state.shown.get(id) ?? 1);
    });
    credit.textContent = [ours, ...BESIDE.filter(({ id, credit: whose }) => whose && state.shown.has(id)).map((one) => one.credit)].join(" · ");
    const order = page.order.filter(([layer]) => state.shown.has(layer) && !(tiled && THEME.has(layer)));
    const wanted = runs(order, state.shown);
    while (drawn.length > wanted.length) map.removeLayer(drawn.pop()!);
    wanted.forEach((run, place) => {
      const layer = drawn[place];
      if (!layer) {
        drawn.push(picture(run));
        map.getLayers().insertAt(others.length + 1 + place, drawn[place]!);
        return;
      }
      layer.setOpacity(run.opacity);
      const source = layer.getSource()!;
      const [fresh, old] = [parameters(run), source.getParams() as Record<string, string | undefined>];
      // The old picture stays until the new one has come.
      if (Object.keys(fresh).some((name) => fresh[name] !== old[name])) source.updateParams(fresh);
    });
  };
  redraw();
  on("layers", redraw);
  on("day", redraw);
}
