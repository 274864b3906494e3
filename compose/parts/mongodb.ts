import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { portOf } from "../endpoints.js";
import { flags } from "../flags.js";
import type { Part } from "../part.js";
import { checkReplicaSet } from "../probes/check-replica-set.js";
import { settings } from "../settings.js";
import type { StackContext } from "../stack-context.js";

/** MongoDB as a replica set of one, for transactions need a replica set. */
export function mongodbPart(stack: StackContext): Part {
  const port = portOf(stack.ports, "mongodb");
  const data = join(stack.directory, "data", "mongodb");
  return {
    name: "mongodb",
    after: [],
    ports: { mongodb: port },
    command: [join(stack.programs.mongodb, "mongod"), ...mongodArguments(stack, port, data)],
    env: {},
    cwd: stack.directory,
    prepare: async () => void (await mkdir(data, { recursive: true })),
    check: () => checkReplicaSet(`127.0.0.1:${port}`, settings.mongodb.replicaSet),
  };
}

function mongodArguments(stack: StackContext, port: number, data: string): string[] {
  const { replicaSet, options } = settings.mongodb;
  const ttl = stack.ttlMonitorSleepSeconds;
  return [
    "--nounixsocket",
    ...flags({ replSet: replicaSet, bind_ip: "127.0.0.1", port, dbpath: data, ...options }),
    ...flags({ setParameter: "diagnosticDataCollectionEnabled=false" }),
    ...(ttl === null ? [] : flags({ setParameter: `ttlMonitorSleepSecs=${ttl}` })),
  ];
}
