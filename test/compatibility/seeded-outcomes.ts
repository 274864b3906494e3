import type { Outcome } from "../../shared/stats/count-outcomes.js";

const hours = (count: number): number => count * 3600;
const [android, ios, unknown] = [1, 2, 0] as const;

/**
 * The history that the recorded samples of `/v1/stats` were given before "stats: ok", as outcomes of submissions. See
 * `setup` in test/vectors/http/v1.json.
 */
export function seededOutcomes(healthAuthorityId: string, nowSeconds: number): readonly Outcome[] {
  const at = (hoursAgo: number, changes: Outcome): Outcome => ({
    healthAuthorityId,
    receivedWindowSeconds: Math.floor((nowSeconds - hours(hoursAgo)) / 3600) * 3600,
    reportType: 1,
    ...changes,
  });
  const few: Outcome = { platform: ios, inserted: 1, oldestTekDays: 0, onsetToUploadDays: 0 };
  return [
    ...Array.from({ length: 12 }, (_, index) =>
      at(26, {
        platform: [android, ios, unknown][index % 3] ?? unknown,
        inserted: 14,
        oldestTekDays: 10 + index,
        onsetToUploadDays: 20 + index,
      }),
    ),
    at(26, { platform: ios, revised: 3, oldestTekDays: 1, onsetToUploadDays: 1 }),
    at(26, { platform: ios, inserted: 2, oldestTekDays: 1, missingOnset: true }),
    ...[50, 50, 50, 100, 100, 100].map((hoursAgo) => at(hoursAgo, few)),
  ];
}
