/** One request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** `cut`: the client goes away in the middle. `slow`: in two writes. */
  readonly delivery: "whole" | "slow" | "chunked" | "cut";
}

/** The bytes of a request, head and body. */
export function requestBytes({ method, target, headers, body, delivery }: FuzzRequest): Buffer {
  const framing: readonly (readonly [string, string])[] =
    delivery === "chunked" ? [["Transfer-Encoding", "chunked"]] : [["Content-Length", String(body.length)]];
  const lines = [`${method} ${target} HTTP/1.1`, "Host: gateway"].concat(
    [...headers, ...framing].map(([name, value]) => `${name}: ${value}`),
  );
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return Buffer.concat([head, delivery === "chunked" ? inChunks(body) : body]);
}

function inChunks(body: Buffer): Buffer {
  const half = Math.floor(body.length / 2);
  const parts = [body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0);
  const chunks = parts.map((part) => [
    Buffer.from(`${part.length.toString(16)}\r\n`),
    part,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...chunks.flat(), Buffer.from("0\r\n\r\n")]);
}
