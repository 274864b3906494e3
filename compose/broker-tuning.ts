import { replicationFor, settings } from "./settings.js";

/** The broker properties that do not depend on addresses: the same natively and in containers. */
export function brokerTuning(brokers: number): Record<string, string> {
  const { factor, minInSync } = replicationFor(brokers);
  const partitions = settings.kafka.internalTopicPartitions;
  const tuning = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "default.replication.factor": factor,
    "min.insync.replicas": minInSync,
    "offsets.topic.num.partitions": partitions,
    "offsets.topic.replication.factor": factor,
    "transaction.state.log.num.partitions": partitions,
    "transaction.state.log.replication.factor": factor,
    "transaction.state.log.min.isr": minInSync,
    "share.coordinator.state.topic.num.partitions": partitions,
    "share.coordinator.state.topic.replication.factor": factor,
    "share.coordinator.state.topic.min.isr": minInSync,
  };
  return Object.fromEntries(Object.entries(tuning).map(([name, value]) => [name, String(value)]));
}
