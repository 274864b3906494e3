import { join } from "node:path";

import { brokerNames, portOf } from "../endpoints.js";
import type { Part } from "../part.js";
import { checkHttp } from "../probes/check-http.js";
import { settings, versions } from "../settings.js";
import type { StackContext } from "../stack-context.js";

/**
 * The schema registry, durable in Kafka: with its storage in memory the ids would begin at 1 again, under records that
 * carry the old ones.
 */
export function registryPart(stack: StackContext): Part {
  const port = portOf(stack.ports, "registry");
  return {
    name: "registry",
    after: brokerNames(stack.brokers),
    ports: { http: port },
    command: registryCommand(stack, port),
    env: {},
    cwd: stack.directory,
    prepare: async () => {},
    // The list of subjects answers, empty, some seconds before the journal has been read: only this path tells.
    check: () => checkHttp(`http://127.0.0.1:${port}/health/ready`),
  };
}

/** The registry's settings apart from its address, by property name. `topicPrefix` keeps deployments on one cluster apart. */
export function registrySettings(brokers: readonly string[], topicPrefix: string): Record<string, string> {
  return {
    "quarkus.http.access-log.enabled": "false",
    "apicurio.storage.kind": "kafkasql",
    "apicurio.kafkasql.bootstrap.servers": brokers.join(","),
    "apicurio.kafkasql.topic": `${topicPrefix}-registry-journal`,
    "apicurio.kafkasql.snapshots.topic": `${topicPrefix}-registry-snapshots`,
    "apicurio.events.kafka.topic": `${topicPrefix}-registry-events`,
    "apicurio.kafkasql.consumer.poll.timeout": String(settings.registry.pollMilliseconds),
  };
}

function registryCommand(stack: StackContext, port: number): readonly [string, ...string[]] {
  const { heapMax, heapMin } = settings.registry;
  const brokers = brokerNames(stack.brokers).map((name) => `127.0.0.1:${portOf(stack.ports, name)}`);
  const properties = {
    "quarkus.http.host": "127.0.0.1",
    "quarkus.http.port": String(port),
    ...registrySettings(brokers, stack.name),
  };
  return [
    stack.programs.java,
    `-Xmx${heapMax}`,
    `-Xms${heapMin}`,
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    "-jar",
    join(stack.programs.registry, `apicurio-registry-app-${versions.registry}-runner.jar`),
  ];
}
