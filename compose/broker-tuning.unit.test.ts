import { expect, test } from "vitest";

import { brokerTuning } from "./broker-tuning.js";

test.each([
  [1, "1", "1"],
  [3, "3", "2"],
])("with %i broker(s) a record has %s replicas, of which %s must have it", (brokers, factor, minInSync) => {
  expect(brokerTuning(brokers)).toMatchObject({
    "default.replication.factor": factor,
    "offsets.topic.replication.factor": factor,
    "transaction.state.log.replication.factor": factor,
    "min.insync.replicas": minInSync,
    "transaction.state.log.min.isr": minInSync,
    "auto.create.topics.enable": "false",
  });
});
