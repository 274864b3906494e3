import { request as httpRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { Sample } from "./samples.js";

/** An answer as it came. Header names are in lower case. */
export interface SampleAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Sends a sample's request, byte for byte, with another revision token in it if one is given. */
export async function sendSample(
  port: number,
  sample: Sample,
  revisionToken?: string,
): Promise<SampleAnswer> {
  const { method, path, request_headers: headers = {} } = sample;
  const body = bodyOf(sample, revisionToken);
  const length = body.length === 0 ? {} : { "Content-Length": body.length };
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers: { ...headers, ...length } });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const text = Buffer.concat((await response.toArray()) as Buffer[]).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

function bodyOf(sample: Sample, revisionToken: string | undefined): Buffer {
  if (sample.request_body_base64 !== undefined) return Buffer.from(sample.request_body_base64, "base64");
  if (sample.request_body === undefined) return Buffer.from(wholeBody(sample));
  const replaced = revisionToken === undefined ? {} : { revisionToken };
  return Buffer.from(JSON.stringify({ ...sample.request_body, ...replaced }));
}

/** Of the largest bodies only the beginning and the size were recorded, and whether the last byte is a space. */
function wholeBody({ request_body_raw: recorded = "", note = "" }: Sample): string {
  const [start = "", bytes] = recorded.split(/…\(([0-9]+) bytes in total\)$/);
  if (bytes === undefined) return recorded;
  const end = note.includes("whitespace beyond the limit") ? '"} ' : '"}';
  return start.padEnd(Number(bytes) - end.length, "A") + end;
}
