import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectKafka, prefixed } from "../../shared/kafka/connect.js";
import { asking } from "../../shared/kafka/topic-limits.js";
import { keysSubmitted } from "../../shared/topology.js";
import { logSettingsOf } from "../river/read-topic.js";
import { silent } from "./audit.js";
import type { BrokerRole } from "./schedule.js";

/** The broker (by its part's name) that has this role in a deployment just now; undefined when nobody can tell. */
export async function brokerInRole(
  role: BrokerRole,
  brokers: readonly string[],
  env: Readonly<Record<string, string>>,
  stackDirectory: string,
): Promise<string | undefined> {
  const [only, ...others] = brokers;
  const isAlone = others.length === 0;
  switch (role) {
    case "kafka-controller":
      return isAlone ? only : controllerOf(brokers, stackDirectory);
    case "kafka-leader":
      return isAlone ? only : leaderOf(env);
    case "kafka-follower-1":
    case "kafka-follower-2": {
      const leader = await leaderOf(env);
      const followers = leader === undefined ? [] : brokers.filter((name) => name !== leader);
      return followers[role === "kafka-follower-1" ? 0 : 1];
    }
  }
}

/** Asks each broker by itself, for others may be frozen; who answers first is believed. */
async function leaderOf(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const settings = logSettingsOf(env);
  const answers = settings.brokers.map((broker) => {
    const connection = connectKafka({ ...settings, brokers: [broker], process: "admin", log: silent });
    const topic = prefixed(connection, keysSubmitted.topic);
    return asking(connection, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.find(({ partitionId }) => partitionId === 0)?.leader;
    });
  });
  return partName(await Promise.any(answers).catch(() => undefined));
}

function partName(nodeId: number | undefined): string | undefined {
  return nodeId === undefined || nodeId < 1 ? undefined : `kafka-${nodeId}`;
}

interface QuorumState {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** By what the brokers wrote down about the last election: to clients any broker calls itself the controller. */
async function controllerOf(brokers: readonly string[], stackDirectory: string): Promise<string | undefined> {
  const states = await Promise.all(
    brokers.map(async (name) => {
      const file = join(stackDirectory, "data", name, "__cluster_metadata-0", "quorum-state");
      const text = await readFile(file, "utf8").catch(() => "{}");
      const { leaderId = -1, leaderEpoch = -1 } = JSON.parse(text) as Partial<QuorumState>;
      return { leaderId, leaderEpoch };
    }),
  );
  const latest = states
    .toSorted((a, b) => b.leaderEpoch - a.leaderEpoch)
    .find(({ leaderId }) => leaderId > 0);
  return partName(latest?.leaderId);
}
