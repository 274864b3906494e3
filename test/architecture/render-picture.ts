import { deadLetters, processes, streams } from "../../shared/topology.js";

interface Flow {
  readonly topic: string;
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  readonly why: string;
}

/** The river as text for any terminal and as a diagram for those that draw Mermaid, both made from the map of streams. */
export function renderPicture(): string {
  return ["```text", textPicture(), "```", "", "```mermaid", diagram(), "```"].join("\n");
}

function textPicture(): string {
  const rejecting = [...new Set(deadLetters.map(({ process }) => process))];
  const flows: readonly Flow[] = [
    ...streams,
    {
      topic: "<topic>.<process>.dlq",
      writers: rejecting,
      readers: ["an operator"],
      why: "each record that can never be handled, byte for byte, with the reason",
    },
  ];
  const writersWidth = widest(flows.map(({ writers }) => writers.join(", ")));
  const topicWidth = widest(flows.map(({ topic }) => topic));
  const lines = flows.flatMap(({ topic, writers, readers, why }) => [
    `${writers.join(", ").padEnd(writersWidth)} ──▶ ${topic.padEnd(topicWidth)} ──▶ ${readers.join(", ") || "whoever likes"}`,
    `${" ".repeat(writersWidth)}     ${why}`,
  ]);
  return [...processLines(), "", ...lines].join("\n");
}

function processLines(): string[] {
  const entries = Object.values(processes);
  const width = widest(entries.map(({ folder }) => folder));
  return entries.map(({ folder, why }) => `${folder.padEnd(width)}  ${why}`);
}

function diagram(): string {
  const nodes = Object.entries(processes).map(([name, { folder }]) => `  ${idOf(name)}["${folder}"]`);
  const topics = streams.map(({ topic }) => `  ${idOf(topic)}(["${topic}"])`);
  const arrows = streams.flatMap(({ topic, writers, readers }) => [
    ...writers.map((writer) => `  ${idOf(writer)} --> ${idOf(topic)}`),
    ...readers.map((reader) => `  ${idOf(topic)} --> ${idOf(reader)}`),
  ]);
  return ["flowchart LR", ...nodes, ...topics, ...arrows].join("\n");
}

function idOf(name: string): string {
  return name.replaceAll(/\W/g, "_");
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}
