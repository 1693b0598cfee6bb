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
  language: "ro" | "hu" | "en";
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

const LOCALE = { ro: "ro-RO", hu: "hu-HU", en: "en-GB" }[page.language];
const DAY = new Intl.DateTimeFormat(LOCALE, { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "UTC" });

/** A text of the catalogue, its {gaps} filled. */
export function t(name: string, gaps: Record<string, string | number> = {}): string {
  const text = page.texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, gap: string) => String(gaps[gap] ?? ""));
}

/** A text of the catalogue round an element, which stands in its only {gap}. */
export function round(name: string, element: Node): (Node | string)[] {
  const [before, after] = page.texts[name]!.split(/\{\w+\}/);
  return [before!, element, after!];
}

/** A figure in the page's language; grouped also where that (Hungarian) groups long numbers only. */
export function figure(value: number, decimals = 2): string {
  return value.toLocaleString(LOCALE, {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: true,
  });
}

export const metres = (value: number): string => `${figure(value)} m`;
export const squareMetres = (value: number): string => `${figure(value)} m²`;
export const capital = (sentence: string): string => sentence.charAt(0).toLocaleUpperCase("ro") + sentence.slice(1);

/** A day (YYYY-MM-DD) as the page's language writes it: 24.11.2026, 2026. 11. 24., 24/11/2026. */
export function dayText(day: string): string {
  return DAY.format(new Date(day)).replaceAll(" ", "\u00a0");
}
