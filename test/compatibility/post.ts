import { sendSample } from "./send-sample.js";

/** An answer of the publish API, as a phone reads it. */
export interface PostAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts a body to a path of a gateway. */
export async function post(
  port: number,
  body: string | object,
  { path = "/v1/publish", headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<PostAnswer> {
  const answer = await sendSample(port, {
    name: "",
    method: "POST",
    path,
    request_headers: { "Content-Type": "application/json", ...headers },
    request_body_raw: typeof body === "string" ? body : JSON.stringify(body),
    status: 0,
    response_headers: {},
  });
  return { ...answer, body: JSON.parse(answer.text) as Record<string, unknown> };
}
