import type { SeededRandom } from "../phones/seeded-random.js";
import type { Change } from "./schedule.js";

/** What operators do in one schedule: each kind of change comes in a third of the schedules. */
export function drawChanges(random: SeededRandom): Change[] {
  const atMs = (): number => 3000 + random.below(15_000);
  const isEven = (): boolean => random.below(2) === 0;
  const changes: Change[] = [
    {
      kind: "partitions",
      atMs: 3000 + random.below(10_000),
      first: isEven() ? "submitted" : "accepted",
      pauseMs: random.below(20_000),
    },
    { kind: "files", atMs: atMs(), recordsMax: 20 + random.below(80) },
    { kind: "signing-key", atMs: atMs(), retired: isEven() },
    { kind: "replay export", atMs: atMs() },
    { kind: "replay store", atMs: atMs() },
    { kind: "key-store", atMs: atMs(), forMs: 3000 + random.below(12_000) },
  ];
  return changes.filter(() => random.below(3) === 0);
}
