/**
 * Something outside is away for now (broker, store, registry). Whoever throws it has kept its place; whoever catches
 * it waits and tries again, or answers 503.
 */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** The process can't go on without an operator: the message says what is wrong and what to do. */
export class NeedsOperator extends Error {
  override readonly name = "NeedsOperator";
}

/** A record that can never be handled. It goes to the dead-letter topic with its reason, and the offset advances. */
export interface Reject<Reason extends string> {
  readonly fate: "reject";
  readonly reason: Reason;
}
