/** The map page, wired. */
import "ol/ol.css";
import "./map.css";
import type Map from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import { during, installBusy } from "./busy";
import { byId } from "./dom";
import { installDraw } from "./draw";
import { installDrawers } from "./drawers";
import { reveal } from "./findings";
import { installLayers } from "./layers";
import { findingsAt, installLit, onLand } from "./lit";
import { makeMap, show, zoom } from "./map";
import { installMeasure } from "./measure";
import { page } from "./page";
import { ask, installPanel, nothingHere, telling } from "./panel";
import { installPictures } from "./pictures";
import { parcelAt } from "./report";
import { installSearch } from "./search";
import { installShare } from "./share";
import { Sketch } from "./sketch";
import { tell } from "./state";

/** Check the parcel at a place. */
async function pick(map: Map, coordinate: number[]): Promise<void> {
  const land = await parcelAt(coordinate[0]!, coordinate[1]!);
  if (land) await ask(map, land, false);
  else nothingHere();
}

function pressed(map: Map, event: MapBrowserEvent): void {
  if (Sketch.current?.active) return;
  const under = findingsAt(map, event.pixel);
  if (under.size && onLand(event.coordinate)) {
    tell("lit", under);
    reveal(byId("panel"), under);
  } else {
    void telling(during(pick(map, event.coordinate)));
  }
}

function keyed(map: Map, event: KeyboardEvent): void {
  const sketch = Sketch.current;
  if (event.key === "Enter") {
    if (sketch?.active) sketch.corner();
    else void telling(during(pick(map, map.getView().getCenter()!)));
  } else if (event.key === "Escape" && sketch) {
    sketch.clear();
  }
}

const map = makeMap();
installBusy(map);
installPictures(map);
installLit(map);
installDrawers();
installLayers();
installPanel(map);
installSearch(map);
installDraw(map);
installMeasure(map);
installShare(map);
// Not "singleclick", which waits a quarter of a second for a second one.
map.on("click", (event) => pressed(map, event));
map.getTargetElement()!.addEventListener("keydown", (event) => keyed(map, event));
byId("tool-zoomin").addEventListener("click", () => zoom(map, 1));
byId("tool-zoomout").addEventListener("click", () => zoom(map, -1));
byId("tool-home").addEventListener("click", () => show(map, page.extent));
map.once("rendercomplete", () => performance.mark("vatra-map-complete"));
document.documentElement.dataset.ready = "yes";
