/** Asks again and again until `look` gives something; fails with what was waited for. */
export async function eventually<Result>(
  what: string,
  look: () => Promise<Result | undefined | false>,
  secondsMax = 60,
): Promise<Result> {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${secondsMax} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
