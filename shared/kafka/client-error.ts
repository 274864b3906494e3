/** What the cluster calls an error that the client throws (Kafka's protocol, "Error Codes"); undefined for any other. */
export function clientErrorType(error: unknown): unknown {
  return error instanceof Error && "type" in error ? error.type : undefined;
}

/**
 * Whether this is an error of the client, all of which pass. It has a type of its own for them, but for the one of a
 * broker that it asks while it loses the connection, as a process does that wakes up.
 */
export function isClientError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name.startsWith("KafkaJS") || error.message === "Broker not connected";
}
