import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { withLock } from "../with-lock.js";

/**
 * Makes sure that `<cache>/<key>` exists, filled by `fill` exactly once.
 *
 * `fill` works in a scratch folder and puts the result into its subfolder `result`, which is renamed into place as a
 * whole: a killed fetch never leaves half a part, and a second fetcher waits for the first. Remains of killed fetches
 * go away with the next one.
 */
export async function cachedPart(
  cache: string,
  key: string,
  fill: (scratch: string) => Promise<void>,
): Promise<string> {
  const target = join(cache, key);
  if (existsSync(target) && (await remainsOf(cache, key)).length === 0) return target;
  return withLock(join(cache, ".locks", `${key}.lock`), async () => {
    await removeRemains(cache, key);
    if (existsSync(target)) return target;
    const scratch = await mkdtemp(join(cache, `.fetch-${key}-`));
    try {
      await mkdir(join(scratch, "result"));
      await fill(scratch);
      await rename(join(scratch, "result"), target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return target;
  });
}

// Only called with the lock held, so nobody waits for what stands there; a compiler that outlived its fetch may write to
// it for another moment, hence the retries.
async function removeRemains(cache: string, key: string): Promise<void> {
  const remains = await remainsOf(cache, key);
  await Promise.all(
    remains.map((name) =>
      rm(join(cache, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }),
    ),
  );
}

async function remainsOf(cache: string, key: string): Promise<string[]> {
  return (await readdir(cache)).filter((name) => name.startsWith(`.fetch-${key}-`));
}
