/** What the cluster calls an error that the client throws (Kafka's protocol, "Error Codes"); undefined for any other. */
export function clientErrorType(error: unknown): unknown {
  return error instanceof Error && "type" in error ? error.type : undefined;
}
