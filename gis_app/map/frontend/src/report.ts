/** The check of a piece of land, as /api/v1/checks gives it (schema vatra.check/1), and how to ask for one. */
import { page, t } from "./page";
import { state } from "./state";

export interface Geometry {
  type: string;
  coordinates: unknown;
}

export interface Finding {
  id: string;
  rule: string;
  effect: "zoning" | "restriction" | "approval" | "information" | "competence";
  feature: { layer: string; id: string; version: number | null } | null;
  relation: string | null;
  distance_m: number | null;
  limit_m: number | null;
  overlap_m2: number | null;
  overlap_share: number | null;
  certainty: "certain" | "borderline";
  status: "confirmed" | "to_confirm";
  legal_basis: { act: string; article: string | null }[];
  text: string;
  geometry: Geometry | null;
}

export interface CheckReport {
  subject: {
    siruta: number | null;
    uat: string | null;
    uats: { siruta: number; name: string }[];
    cadastral_number: string | null;
    land_book_number: string | null;
    area_m2: number;
    area_legal_m2: number | null;
    geometry: Geometry;
  };
  as_of: string;
  rule_set: string;
  layers: { id: string; version: number; valid_from: string; accuracy_m: number; source: string }[];
  findings: Finding[];
  not_applicable: string[];
  not_checked: { rule: string; layer: string; reason: string; mandatory: boolean }[];
  road_access: {
    road: string; administrator: string | null; position: string; side: string;
    distance_to_axis_m: number; frontage_m: number; next_junction_m: number | null;
  }[];
  competence: { issuer: string; reason: string };
  approvals: { code: string; title: string; route: string; because: string[] }[];
  fee: { amount_ron: number; basis: string } | null;
}

/** The land asked about, as requests name it. */
export type Land =
  | { parcel: { siruta: number; cadastral_number: string } }
  | { geometry: Geometry | object; crs: string }
  | { coordinates: string };

/** A problem that the server tells (RFC 9457), in the words of the page. */
export class Problem extends Error {
  constructor(readonly status: number, detail: string, readonly missing: { element: string; reason: string }[] = []) {
    super(detail);
  }
}

/** A request to our own server. Throws Problem for an error answer. */
export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, inWords(answer.status, told), told.missing ?? []);
}

/** The server's own words are English and exact; people of other languages read what to do next. */
function inWords(status: number, told: { type?: string; detail?: string }): string {
  if (page.language === "en" && told.detail) return told.detail;
  const kind = `problem.${told.type?.split(":").at(-1)}`;
  if (kind in page.texts) return t(kind);
  return t(status >= 500 ? "problem.later" : "problem.other");
}

/** The body of a request about land, as of the day that the map shows. */
export function about(land: Land, more: object = {}): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...land, as_of: state.day, ...more }),
  };
}

/** The check of that land. */
export async function check(land: Land): Promise<CheckReport> {
  return (await ask("/api/v1/checks", about(land))).json();
}

/** The registered parcel at a point of EPSG:3844; the smallest where several overlap. */
export async function parcelAt(x: number, y: number): Promise<Land | undefined> {
  const found = await (await ask(`/api/v1/parcels?point=${x.toFixed(3)},${y.toFixed(3)}&limit=5`)).json();
  const parcels: { properties: { siruta: number; cadastral_number: string; area_m2: number } }[] = found.features;
  const [smallest] = parcels.sort((a, b) => a.properties.area_m2 - b.properties.area_m2);
  if (!smallest) return undefined;
  const { siruta, cadastral_number } = smallest.properties;
  return { parcel: { siruta, cadastral_number } };
}
