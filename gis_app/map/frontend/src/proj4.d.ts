/** The parts of proj4 that are imported by themselves; its own types describe the whole only. */
declare module "proj4/lib/core" {
  type Way = (place: [number, number]) => [number, number];
  export default function proj4(from: string, to: string): { forward: Way; inverse: Way };
}
declare module "proj4/lib/Proj" {
  const Proj: { projections: { add(projection: object): boolean } };
  export default Proj;
}
declare module "proj4/lib/projections/sterea" {
  const sterea: object;
  export default sterea;
}
