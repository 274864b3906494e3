import { expect, test } from "vitest";
import { NeedsOperator } from "../process/outcomes.js";
import { kafkaSecurity } from "./kafka-security.js";

const credentials = { kafkaUser: "tekstream", kafkaPassword: "secret" };

test("brokers are reached in the clear and by nobody unless told otherwise", () => {
  expect(kafkaSecurity({})).toEqual({ ssl: false });
  expect(kafkaSecurity({ kafkaTls: true })).toEqual({ ssl: true });
  expect(kafkaSecurity({ kafkaTls: false, kafkaSasl: "none", ...credentials })).toEqual({ ssl: false });
});

test.each(["plain", "scram-sha-256", "scram-sha-512"] as const)(
  "%s sends the user and the password",
  (sasl) => {
    expect(kafkaSecurity({ kafkaTls: true, kafkaSasl: sasl, ...credentials })).toEqual({
      ssl: true,
      sasl: { mechanism: sasl, username: "tekstream", password: "secret" },
    });
  },
);

test("a mechanism without a user or a password is refused, and the message says what is missing", () => {
  for (const missing of ["kafkaUser", "kafkaPassword"] as const)
    expect(() => kafkaSecurity({ kafkaSasl: "plain", ...credentials, [missing]: undefined })).toThrow(
      NeedsOperator,
    );
  expect(() => kafkaSecurity({ kafkaSasl: "plain" })).toThrow(/TEKSTREAM_KAFKA_USER/);
});
