import { parseIndex, renderIndex } from "../exports/index-file.js";
import { indexHeaders } from "../exports/index-headers.js";
import type { ObjectStore } from "../objects/object-store.js";

const triesMax = 20;

/**
 * Replaces the lines of an index by what `change` makes of them, asked again for each try: whoever writes it at the same
 * time wins, or is seen. Nothing is written where nothing changes.
 * @throws {Unavailable}
 */
export async function changeIndex(
  store: ObjectStore,
  name: string,
  change: (lines: readonly string[]) => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  for (let tries = 0; tries < triesMax; tries++) {
    const current = await store.get(name);
    const text = current?.bytes.toString("utf8");
    const next = renderIndex(await change(parseIndex(text ?? "")));
    if (next === text) return;
    const bytes = Buffer.from(next);
    const outcome =
      current === undefined
        ? await store.putIfAbsent(name, bytes, indexHeaders)
        : await store.putIfUnchanged(name, bytes, indexHeaders, current.tag);
    // Somebody else was first: look again, the lines may be there already.
    if (outcome === "written") return;
    await new Promise((resolve) => setTimeout(resolve, 50 * (tries + 1)));
  }
  throw new Error(`${name} changed under every one of ${triesMax} tries to write it`);
}
