/** What a phone sees of an answer. */
export interface PublishAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts a publish as it is; every answer of the API is a JSON object. */
export async function postPublish(
  apiUrl: string,
  body: string,
  contentType = "application/json",
): Promise<PublishAnswer> {
  const headers = { "content-type": contentType };
  const response = await fetch(`${apiUrl}/v1/publish`, { method: "POST", body, headers });
  const parsed: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: parsed as Record<string, unknown> };
}
