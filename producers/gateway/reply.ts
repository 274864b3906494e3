/** An answer as it leaves, whatever the route. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | string;
}

const plainText = { "Content-Type": "text/plain; charset=utf-8" };
const asItIs = { ...plainText, "X-Content-Type-Options": "nosniff" };

/** No route has this path. */
export const notFound: Reply = { status: 404, headers: asItIs, body: "404 page not found\n" };

/** The path is not written as a route's is: extra slashes or dots. */
export function movedTo(location: string): Reply {
  return { status: 301, headers: { Location: location }, body: "" };
}

/** A fault in the code. */
export const faulty: Reply = { status: 500, headers: {}, body: "" };

export const healthy: Reply = { status: 200, headers: plainText, body: '{"status": "ok"}' };
export const unhealthy: Reply = { status: 500, headers: asItIs, body: "Internal Server Error\n" };

/** Not padded, and without the API's version: it stands before the routes. Facts, §1.5. */
export const inMaintenance: Reply = {
  status: 429,
  headers: { "Content-Type": "application/json" },
  body: '{"error": "please try again later"}',
};

/** The client's network has had its requests for now. */
export function tooMany(retryAfterSeconds: number): Reply {
  return { ...inMaintenance, headers: { ...inMaintenance.headers, "Retry-After": retryAfterSeconds } };
}
