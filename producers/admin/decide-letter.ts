import type { DeadLetterDecision, Deployment } from "../../shared/deployment/deployment.js";
import type { Changed } from "../../shared/topology.js";
import type { Letter } from "./letter.js";
import type { LetterTopic } from "./letter-topic.js";

const actionNumbers = { retried: 1, dropped: 2 } as const;

/** A decision as the configuration keeps it. */
export function decision(
  letter: Pick<Letter, "content">,
  action: DeadLetterDecision["action"],
  nowSeconds: number,
): Changed {
  return {
    deadLetterDecision: {
      action: actionNumbers[action],
      decidedAtSeconds: nowSeconds,
      source: sourceOf(letter),
    },
  };
}

/** The records that were sent back in, as `sourceOf` names them. */
export function retriedSources({ deadLetterDecisions }: Deployment): Set<string> {
  const retried = [...deadLetterDecisions.values()].filter(({ action }) => action === "retried");
  return new Set(retried.map(({ source }) => source));
}

/** The record that a letter is of; a process that was killed at the wrong moment writes a record's letter twice. */
export function sourceOf({ content }: Pick<Letter, "content">): string {
  return content === undefined ? "" : `${content.topic}/${content.partition}/${content.offset}`;
}

/** The ids of decisions on letters that the topic holds no longer: they are taken out of the configuration. */
export function expiredDecisions(
  { deadLetterDecisions }: Deployment,
  { name }: LetterTopic,
  low: number,
): string[] {
  return [...deadLetterDecisions.keys()].filter((id) => {
    const slash = id.lastIndexOf("/");
    return id.slice(0, slash) === name && Number(id.slice(slash + 1)) < low;
  });
}
