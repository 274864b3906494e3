import type { SeededRandom } from "../phones/seeded-random.js";

/** One of these, each as likely as any other. @throws {Error} when there is none. */
export function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const index = random.below(items.length);
  if (index >= items.length) throw new Error("nothing to pick from");
  return items[index] as Item;
}

/** Whether something happens that happens once in `times`. */
export function onceIn(random: SeededRandom, times: number): boolean {
  return random.below(times) === 0;
}
