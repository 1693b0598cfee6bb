/** What the page shows, in one place; whoever changes it says so, and whoever shows it listens. */
import { page } from "./page";
import type { CheckReport, Land } from "./report";

interface Events {
  layers: undefined;
  day: undefined;
  land: undefined;
  report: CheckReport | undefined;
  lit: ReadonlySet<string>;
}

type Listener<K extends keyof Events> = (value: Events[K]) => void;

const listeners: { [K in keyof Events]?: Listener<K>[] } = {};

/** Opacities (0–1) of the layers that are shown, the day, and the land that was asked about. */
export const state = {
  shown: new Map(page.layers.filter((layer) => layer.shown).map((layer) => [layer.id, 1])),
  day: page.today,
  land: undefined as Land | undefined,
};

export function on<K extends keyof Events>(name: K, listener: Listener<K>): void {
  ((listeners[name] ??= []) as Listener<K>[]).push(listener);
}

export function tell<K extends keyof Events>(name: K, value: Events[K]): void {
  for (const listener of (listeners[name] ?? []) as Listener<K>[]) listener(value);
}
