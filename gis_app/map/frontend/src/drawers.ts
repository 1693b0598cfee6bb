/** The drawers on the right, one open at a time, and the buttons that copy. */
import { byId } from "./dom";
import { t } from "./page";

const NAMES = ["layers", "draw", "measure", "share", "services"] as const;
export type Drawer = (typeof NAMES)[number];

const watchers: Partial<Record<Drawer, (open: boolean) => void>> = {};

/** Be told when a drawer opens and closes. */
export function onDrawer(name: Drawer, told: (open: boolean) => void): void {
  watchers[name] = told;
}

export function openDrawer(name: Drawer | null): void {
  for (const one of NAMES) {
    const drawer = byId(`drawer-${one}`);
    const open = one === name;
    if (drawer.hidden !== open) continue;
    drawer.hidden = !open;
    byId(`tool-${one}`).setAttribute("aria-expanded", String(open));
    watchers[one]?.(open);
  }
}

export function installDrawers(): void {
  for (const name of NAMES) {
    const [button, drawer] = [byId(`tool-${name}`), byId(`drawer-${name}`)];
    const close = (): void => {
      openDrawer(null);
      button.focus();
    };
    button.addEventListener("click", () => openDrawer(drawer.hidden ? name : null));
    drawer.querySelector(".close")!.addEventListener("click", close);
    drawer.addEventListener("keydown", (event) => event.key === "Escape" && close());
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copies]")) {
    button.addEventListener("click", () => void copy(button, byId<HTMLInputElement>(button.dataset.copies!)));
  }
}

async function copy(button: HTMLButtonElement, field: HTMLInputElement): Promise<void> {
  field.select();
  // The clipboard is for secure pages only; what is selected can be copied by hand.
  await navigator.clipboard?.writeText(field.value);
  const text = button.textContent;
  button.textContent = t("copied");
  setTimeout(() => (button.textContent = text), 1500);
}
