import type { Changed } from "../../shared/topology.js";

/** What a change would write, or why it is not to be done. `about` names what the reason is about. */
export type ChangeOutcome<Reason extends string> =
  | { readonly kind: "change"; readonly changed: Changed }
  | { readonly kind: "refuse"; readonly reason: Reason; readonly about: string };

/** The whole entity as it shall stand. */
export function change(changed: Changed): { kind: "change"; changed: Changed } {
  return { kind: "change", changed };
}

/** Nothing is written. */
export function refuse<Reason extends string>(
  reason: Reason,
  about: string,
): { kind: "refuse"; reason: Reason; about: string } {
  return { kind: "refuse", reason, about };
}
