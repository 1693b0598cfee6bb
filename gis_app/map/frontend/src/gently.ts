/** Tiles of foreign maps, asked for a few at a time: the server keeps only so many of us waiting for others. */
import type ImageTile from "ol/ImageTile";
import type Tile from "ol/Tile";
import TileState from "ol/TileState";

const AT_ONCE = 2;
const ATTEMPTS = 3;
const REST_MS = 700;

const waiting: (() => Promise<void>)[] = [];
let busy = 0;

/** What the tile sources call to load a tile. */
export function loadGently(tile: Tile, address: string): void {
  waiting.push(() => load(tile as ImageTile, address));
  next();
}

function next(): void {
  if (busy >= AT_ONCE) return;
  const work = waiting.shift();
  if (!work) return;
  busy++;
  void work().finally(() => {
    busy--;
    next();
  });
}

async function load(tile: ImageTile, address: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) {
      const image = tile.getImage() as HTMLImageElement;
      image.src = URL.createObjectURL(await answer.blob());
      image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      return;
    }
    // Nothing there, or nothing that time will mend.
    if (answer && answer.status < 500) break;
    await new Promise((done) => setTimeout(done, REST_MS * attempt));
  }
  tile.setState(TileState.ERROR);
}
