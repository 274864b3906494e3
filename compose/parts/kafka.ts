import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { brokerTuning } from "../broker-tuning.js";
import { brokerNames, portOf } from "../endpoints.js";
import type { Programs } from "../fetch/fetch-parts.js";
import type { Part } from "../part.js";
import { checkBroker } from "../probes/check-broker.js";
import { runCommand } from "../run-command.js";
import { settings } from "../settings.js";
import type { StackContext } from "../stack-context.js";
import { stackMarker } from "../supervise.js";
import { writeWhole } from "../stack-state.js";

/** The brokers of a stack, each of them a controller as well (KRaft, combined mode). */
export function kafkaParts(stack: StackContext): Part[] {
  return brokerNames(stack.brokers).map((name, index) => kafkaPart(stack, name, index + 1));
}

/** The properties of one broker, in the form that Kafka reads. */
export function brokerProperties(stack: StackContext, nodeId: number): Record<string, string> {
  const name = `kafka-${nodeId}`;
  const listener = `127.0.0.1:${portOf(stack.ports, name)}`;
  const controller = `127.0.0.1:${portOf(stack.ports, `${name}-controller`)}`;
  return {
    ...brokerTuning(stack.brokers),
    "node.id": String(nodeId),
    "controller.quorum.voters": quorumVoters(stack),
    listeners: `PLAINTEXT://${listener},CONTROLLER://${controller}`,
    "advertised.listeners": `PLAINTEXT://${listener}`,
    "log.dirs": dataDirectory(stack, name),
  };
}

function kafkaPart(stack: StackContext, name: string, nodeId: number): Part {
  const propertiesFile = join(stack.directory, "config", `${name}.properties`);
  const broker = portOf(stack.ports, name);
  return {
    name,
    after: [],
    ports: { broker, controller: portOf(stack.ports, `${name}-controller`) },
    command: kafkaCommand(stack.programs, "kafka.Kafka", propertiesFile),
    env: {},
    cwd: stack.directory,
    prepare: () => prepareBroker(stack, name, nodeId, propertiesFile),
    check: () => checkBroker(`127.0.0.1:${broker}`, nodeId),
  };
}

// The properties are written at each start, because ports may change; the storage is formatted once.
async function prepareBroker(stack: StackContext, name: string, nodeId: number, file: string): Promise<void> {
  const lines = Object.entries(brokerProperties(stack, nodeId)).map(([key, value]) => `${key}=${value}\n`);
  await writeWhole(file, lines.join(""));
  if (existsSync(join(dataDirectory(stack, name), "meta.properties"))) return;
  await mkdir(dataDirectory(stack, name), { recursive: true });
  const tool = [
    "kafka.tools.StorageTool",
    "format",
    "--ignore-formatted",
    "-t",
    clusterId(stack.name),
    "-c",
    file,
  ];
  await runCommand(kafkaCommand(stack.programs, ...tool), {
    env: { ...stack.env, [stackMarker]: stack.directory },
  });
}

/** Runs one of Kafka's programs. */
export function kafkaCommand(
  programs: Pick<Programs, "java" | "kafka">,
  ...args: readonly string[]
): readonly [string, ...string[]] {
  const { heapMax, heapMin } = settings.kafka;
  const logging = ["showDateTime=true", "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS", "showThreadName=false"];
  return [
    programs.java,
    `-Xmx${heapMax}`,
    `-Xms${heapMin}`,
    "-XX:+UseSerialGC",
    ...logging.map((setting) => `-Dorg.slf4j.simpleLogger.${setting}`),
    "-cp",
    join(programs.kafka, "*"),
    ...args,
  ];
}

function quorumVoters(stack: StackContext): string {
  return brokerNames(stack.brokers)
    .map((name, index) => `${index + 1}@127.0.0.1:${portOf(stack.ports, `${name}-controller`)}`)
    .join(",");
}

function dataDirectory(stack: StackContext, name: string): string {
  return join(stack.directory, "data", name);
}

// Kafka wants 16 bytes in base64url; a leading "-" would read as an option.
function clusterId(stackName: string): string {
  const bytes = createHash("sha256").update(`tekstream ${stackName}`).digest().subarray(0, 16);
  bytes[0] = 0;
  return bytes.toString("base64url");
}
