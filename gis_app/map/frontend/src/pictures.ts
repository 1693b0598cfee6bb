/** The layers as pictures of the WMS: neighbours of the same opacity come in one, so a first view costs one request. */
import ImageLayer from "ol/layer/Image";
import type Map from "ol/Map";
import ImageWMS from "ol/source/ImageWMS";
import { page, type LayerInfo } from "./page";
import { projection } from "./projection";
import { on, state } from "./state";

interface Run {
  opacity: number;
  layers: LayerInfo[];
}

/** Shown layers from the lowest, parted where the opacity changes. */
export function runs(shown: ReadonlyMap<string, number>): Run[] {
  const found: Run[] = [];
  const drawn = page.layers.filter((layer) => shown.has(layer.id)).sort((a, b) => a.rank - b.rank);
  for (const layer of drawn) {
    const opacity = shown.get(layer.id)!;
    const last = found.at(-1);
    if (last?.opacity === opacity) last.layers.push(layer);
    else found.push({ opacity, layers: [layer] });
  }
  return found;
}

function parameters(run: Run): Record<string, string> {
  const looks = run.layers.flatMap((layer) => layer.looks.map((look) => [layer.id, look] as const));
  return {
    LAYERS: looks.map(([id]) => id).join(","),
    STYLES: looks.map(([, look]) => (look === "default" ? "" : look)).join(","),
    ...(state.day === page.today ? {} : { TIME: state.day }),
  };
}

/** Where the legend of a layer is drawn. */
export function legendOf(layer: LayerInfo): string {
  return (
    "/ows?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&FORMAT=image/png&SLD_VERSION=1.1.0" +
    `&LAYER=${layer.id}`
  );
}

function picture(run: Run): ImageLayer<ImageWMS> {
  const source = new ImageWMS({
    url: "/ows",
    params: { VERSION: "1.3.0", FORMAT: "image/png", TRANSPARENT: "true", ...parameters(run) },
    projection,
    ratio: 1,
    serverType: "mapserver",
    interpolate: true,
  });
  return new ImageLayer({ source, opacity: run.opacity });
}

/** Keep the pictures of the map what the state says. */
export function installPictures(map: Map): void {
  let drawn: ImageLayer<ImageWMS>[] = [];
  const redraw = (): void => {
    const wanted = runs(state.shown);
    if (wanted.length === drawn.length) {
      // The same pictures of other layers: the old ones stay until the new ones have come.
      wanted.forEach((run, place) => {
        drawn[place]!.setOpacity(run.opacity);
        const source = drawn[place]!.getSource()!;
        const fresh = parameters(run);
        const old = source.getParams() as Record<string, string>;
        if (old.LAYERS !== fresh.LAYERS || old.STYLES !== fresh.STYLES || old.TIME !== fresh.TIME) {
          source.updateParams({ TIME: undefined, ...fresh });
        }
      });
      return;
    }
    drawn.forEach((layer) => map.removeLayer(layer));
    drawn = wanted.map(picture);
    drawn.forEach((layer, place) => map.getLayers().insertAt(place, layer));
  };
  redraw();
  on("layers", redraw);
  on("day", redraw);
}
