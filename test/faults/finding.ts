/** What a trial must not show. */
export type FindingReason =
  | "unexpected_answer"
  | "server_error"
  | "answers_differ"
  | "no_answer"
  | "race_without_winner"
  | "race_with_two_winners"
  | "race_won_by_the_loser"
  | "lost"
  | "revision_lost"
  | "twice"
  | "invented"
  | "different"
  | "view_differs"
  | "statistics_differ"
  | "outcomes_differ"
  | "not_exported"
  | "exported_wrongly"
  | "phone_tripped"
  | "window_out_of_order"
  | "index_wrong"
  | "rebuilt_differently"
  | "replay_differs"
  | "dead_letter"
  | "crashed"
  | "needs_operator"
  | "not_ready"
  | "not_healed"
  | "not_settled";

/** One fault that a trial found; the detail never names more than a few examples. */
export interface Finding {
  readonly reason: FindingReason;
  readonly detail: string;
}

const examplesMax = 3;

/** A finding about these things, or none when there are none. */
export function findingAbout(
  reason: FindingReason,
  things: readonly string[],
  where = "",
): readonly Finding[] {
  if (things.length === 0) return [];
  const examples = things.slice(0, examplesMax).join(", ");
  const more = things.length > examplesMax ? ", …" : "";
  return [{ reason, detail: `${where === "" ? "" : `${where}: `}${things.length} (${examples}${more})` }];
}
