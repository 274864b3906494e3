import { z } from "zod";
import { flag, optionalText } from "./setting-kinds.js";
import type { Setting } from "./settings.js";

const mechanisms = z.enum(["none", "plain", "scram-sha-256", "scram-sha-512"], {
  error: "is none of none, plain, scram-sha-256, scram-sha-512",
});

/** How a client of Kafka proves who it is. */
export type SaslMechanism = z.infer<typeof mechanisms>;

const kafkaSasl: Setting<SaslMechanism> = {
  env: "TEKSTREAM_KAFKA_SASL",
  description: "none, plain, scram-sha-256 or scram-sha-512; all but none need a user and a password",
  fallback: "none",
  schema: mechanisms.default("none"),
};

/** How Kafka is reached. Which certificates are trusted is Node's own setting, `NODE_EXTRA_CA_CERTS`, for all parts. */
export const kafkaSecuritySettings = {
  kafkaTls: flag("TEKSTREAM_KAFKA_TLS", { description: "whether brokers are reached by TLS" }),
  kafkaSasl,
  kafkaUser: optionalText("TEKSTREAM_KAFKA_USER", { description: "user name for SASL" }),
  kafkaPassword: optionalText("TEKSTREAM_KAFKA_PASSWORD", {
    description: "password for SASL",
    secret: true,
  }),
};
