/** Drawing on the map, by pointer or by keyboard: Enter puts a corner in the middle. */
import type { Coordinate } from "ol/coordinate";
import type Geometry from "ol/geom/Geometry";
import LineString from "ol/geom/LineString";
import Draw from "ol/interaction/Draw";
import type Map from "ol/Map";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";

export const SKETCH = new Style({
  fill: new Fill({ color: "rgba(233,196,106,0.25)" }),
  stroke: new Stroke({ color: "#143028", width: 2.5 }),
  image: new CircleStyle({ radius: 5, fill: new Fill({ color: "#e9c46a" }), stroke: new Stroke({ color: "#143028", width: 2 }) }),
});

type Told = (geometry: Geometry) => void;

/** One drawing at a time on the map; pressing the map means nothing else while it lasts. */
export class Sketch {
  static current: Sketch | undefined;
  private readonly source = new VectorSource();
  private readonly layer = new VectorLayer({ source: this.source, style: SKETCH, zIndex: 20 });
  private interaction: Draw | undefined;

  constructor(private readonly map: Map, private readonly changed: Told, private readonly ended: Told) {
    map.addLayer(this.layer);
  }

  start(type: "LineString" | "Polygon"): void {
    this.stop();
    Sketch.current?.stop();
    Sketch.current = this;
    this.source.clear();
    this.interaction = new Draw({ type, source: this.source, style: SKETCH, stopClick: true });
    this.interaction.on("drawstart", ({ feature }) => {
      this.source.clear();
      feature.getGeometry()!.on("change", ({ target }) => this.changed(target as Geometry));
    });
    this.interaction.on("drawend", ({ feature }) => this.ended(feature.getGeometry()!));
    this.map.addInteraction(this.interaction);
  }

  get active(): boolean {
    return this.interaction !== undefined;
  }

  /** A corner in the middle of the map. */
  corner(): void {
    const middle = this.map.getView().getCenter() as Coordinate;
    this.interaction?.appendCoordinates([middle]);
  }

  finish(): void {
    this.interaction?.finishDrawing();
  }

  stop(): void {
    if (this.interaction) this.map.removeInteraction(this.interaction);
    this.interaction = undefined;
    if (Sketch.current === this) Sketch.current = undefined;
  }

  clear(): void {
    this.source.clear();
    this.interaction?.abortDrawing();
  }
}

export const isLine = (geometry: Geometry): geometry is LineString => geometry instanceof LineString;
