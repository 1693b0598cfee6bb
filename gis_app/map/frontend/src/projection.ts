/** Stereo70 on the screen: EPSG:3844, x = east, y = north, in metres. */
import Projection from "ol/proj/Projection";
import { addCoordinateTransforms, addProjection, fromLonLat, toLonLat } from "ol/proj";
// Its core with the one projection we need: the whole library knows a hundred more.
import proj4 from "proj4/lib/core";
import Proj from "proj4/lib/Proj";
import sterea from "proj4/lib/projections/sterea";
import { figure, page } from "./page";

export const STEREO70 = "EPSG:3844";
/** The pixel of the OGC standards, in metres: what a scale is counted by. */
const PIXEL_M = 0.00028;

const PARAMETERS =
  "+proj=sterea +lat_0=46 +lon_0=25 +k=0.99975 +x_0=500000 +y_0=500000 +ellps=krass" +
  " +towgs84=33.4,-146.6,-76.3,-0.359,-0.053,0.844,-0.84 +units=m +no_defs";

// The registry's axes are north, east; the library needs to know to ask WMS 1.3.0 in that order.
export const projection = new Projection({ code: STEREO70, units: "m", axisOrientation: "neu" });
addProjection(projection);

Proj.projections.add(sterea);
const toWgs84 = proj4(PARAMETERS, "WGS84");

export const scaleOf = (resolution: number): number => resolution / PIXEL_M;
export const resolutionOf = (scale: number): number => scale * PIXEL_M;

/** What the official datum differs from proj4's at the nodes of the server's mesh, in degrees. */
const shifts = page.mesh.degrees.map(([longitude, latitude], node): [number, number] => {
  const [x, y] = toWgs84.forward(nodePlace(node));
  return [longitude - x, latitude - y];
});

function nodePlace(node: number): [number, number] {
  const [west, south, east, north] = page.extent;
  const last = page.mesh.size - 1;
  const column = node % page.mesh.size;
  const row = Math.floor(node / page.mesh.size);
  return [west + ((east - west) * column) / last, south + ((north - south) * row) / last];
}

/** Longitude and latitude as the server would give them, to some centimetres inside the county. */
export function toDegrees(x: number, y: number): [number, number] {
  const [longitude, latitude] = toWgs84.forward([x, y]);
  if (!shifts.length) return [longitude, latitude];
  const [west, south, east, north] = page.extent;
  const last = page.mesh.size - 1;
  const u = Math.min(Math.max(((x - west) / (east - west)) * last, 0), last);
  const v = Math.min(Math.max(((y - south) / (north - south)) * last, 0), last);
  const column = Math.min(Math.floor(u), last - 1);
  const row = Math.min(Math.floor(v), last - 1);
  const at = (i: number, j: number, axis: 0 | 1): number => shifts[j * page.mesh.size + i]![axis];
  const between = (axis: 0 | 1): number => {
    const [a, b] = [u - column, v - row];
    return (
      (1 - a) * (1 - b) * at(column, row, axis) + a * (1 - b) * at(column + 1, row, axis) +
      (1 - a) * b * at(column, row + 1, axis) + a * b * at(column + 1, row + 1, axis)
    );
  };
  return [longitude + between(0), latitude + between(1)];
}

/** The way back, as exact: the datum's difference hardly changes over itself. */
function fromDegrees([longitude, latitude]: number[]): [number, number] {
  const [x, y] = toWgs84.inverse([longitude!, latitude!]);
  const [east, north] = toDegrees(x, y);
  return toWgs84.inverse([2 * longitude! - east, 2 * latitude! - north]);
}

addCoordinateTransforms(
  projection,
  "EPSG:3857",
  ([x, y]) => fromLonLat(toDegrees(x!, y!)),
  (place) => fromDegrees(toLonLat(place)),
);

/** A place in Stereo70 (surveyors' X north, Y east) and in degrees. */
export function placeText(x: number, y: number): string {
  const [longitude, latitude] = toDegrees(x, y);
  const degrees = `${latitude.toFixed(6)}° N ${longitude.toFixed(6)}° E`;
  return `X ${figure(y, 1)}  Y ${figure(x, 1)}  ·  ${degrees}`;
}
