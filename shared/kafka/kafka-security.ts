import type { KafkaConfig } from "kafkajs";
import { NeedsOperator } from "../process/outcomes.js";
import type { SaslMechanism } from "../process/security-settings.js";

/** How brokers are reached: without anything, in the clear and by nobody. */
export interface KafkaAccess {
  readonly kafkaTls?: boolean;
  readonly kafkaSasl?: SaslMechanism;
  readonly kafkaUser?: string | undefined;
  readonly kafkaPassword?: string | undefined;
}

/** @throws {NeedsOperator} when a user or a password is missing. */
export function kafkaSecurity(access: KafkaAccess): Pick<KafkaConfig, "ssl" | "sasl"> {
  const { kafkaTls: ssl = false, kafkaSasl: mechanism = "none" } = access;
  if (mechanism === "none") return { ssl };
  const { kafkaUser: username, kafkaPassword: password } = access;
  if (username === undefined || password === undefined)
    throw new NeedsOperator(
      "TEKSTREAM_KAFKA_SASL needs TEKSTREAM_KAFKA_USER and TEKSTREAM_KAFKA_PASSWORD, or TEKSTREAM_KAFKA_PASSWORD_FILE",
    );
  // The type of the client has one shape for each mechanism.
  const credentials = { username, password };
  switch (mechanism) {
    case "plain":
      return { ssl, sasl: { mechanism, ...credentials } };
    case "scram-sha-256":
      return { ssl, sasl: { mechanism, ...credentials } };
    case "scram-sha-512":
      return { ssl, sasl: { mechanism, ...credentials } };
  }
}
