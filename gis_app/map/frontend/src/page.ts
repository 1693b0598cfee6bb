/** What the server says of the page: layers, days, words. Read once. */

export interface LayerInfo {
  id: string;
  title: string;
  shown: boolean;
  largest: number;
  /** Whom to name: a foreign map, which comes as tiles. */
  credit: string | null;
  form: string;
  bounds: [number, number, number, number] | null;
  /** A look of a raster: where its tiles are (Web Mercator), and the deepest of them. */
  address: string | null;
  deepest: number;
}

export interface Mesh {
  size: number;
  degrees: [number, number][];
}

interface Page {
  language: "ro" | "en";
  today: string;
  days: string[];
  layers: LayerInfo[];
  /** Layers with their looks, from the lowest; those shown at first come first and are the theme. */
  order: [string, string][];
  theme: string;
  grid: { id: string; origin: [number, number]; denominators: number[]; size: number };
  titles: Record<string, string>;
  extent: [number, number, number, number];
  mesh: Mesh;
  rules: Record<string, string>;
  bodies: Record<string, string>;
  mayIssue: boolean;
  texts: Record<string, string>;
}

export const page: Page = JSON.parse(document.getElementById("page")!.textContent!);

const LOCALE = page.language === "ro" ? "ro-RO" : "en-GB";

/** A text of the catalogue, its {gaps} filled. */
export function t(name: string, gaps: Record<string, string | number> = {}): string {
  const text = page.texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, gap: string) => String(gaps[gap] ?? ""));
}

/** A figure in the page's language. */
export function figure(value: number, decimals = 2): string {
  return value.toLocaleString(LOCALE, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export const metres = (value: number): string => `${figure(value)} m`;
export const squareMetres = (value: number): string => `${figure(value)} m²`;

/** A day (YYYY-MM-DD) as people write it. */
export function dayText(day: string): string {
  return day.split("-").reverse().join(".");
}
