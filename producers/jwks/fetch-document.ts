import { lookup as lookupName, type LookupAddress } from "node:dns";
import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { withinRun } from "./within-run.js";
import { isPublicAddress } from "./public-address.js";

// Fetches a document from an address that a health authority chose, so that nothing about it is trusted: it must be
// https and on the public internet, however it is reached, unless an operator has named the host. Names are resolved
// once, by the connection itself, and what they resolve to is checked there: a name can't change between check and use.

/** Why there is no document. */
export const fetchReasons = [
  "bad_address",
  "not_https",
  "private_address",
  "too_many_redirects",
  "bad_status",
  "encoded",
  "too_large",
  "timeout",
  "unreachable",
] as const;
export type FetchReason = (typeof fetchReasons)[number];

export type Fetched =
  | { readonly kind: "document"; readonly text: string }
  | { readonly kind: "failed"; readonly reason: FetchReason };

export interface FetchRules {
  /** Hosts, or host:port, that may be private and may be fetched without TLS. */
  readonly allowedHosts: readonly string[];
  readonly documentBytesMax: number;
  readonly redirectsMax: number;
  /** For the whole fetch, redirects included. */
  readonly timeoutSeconds: number;
  /** How names are resolved, with the arguments of `dns.lookup`. */
  readonly lookup?: LookupFunction;
}

/** Fetches the text behind `uri`; `stop` gives up earlier. */
export function fetchDocument(uri: string, rules: FetchRules, stop: AbortSignal): Promise<Fetched> {
  return withinRun(rules.timeoutSeconds, stop, (signal) => follow(uri, rules, signal));
}

async function follow(uri: string, rules: FetchRules, signal: AbortSignal): Promise<Fetched> {
  let at = parseUrl(uri);
  for (let hops = 0; hops <= rules.redirectsMax; hops++) {
    if (at === undefined) return failed("bad_address");
    const refused = refusalOf(at, rules);
    if (refused !== undefined) return failed(refused);
    const answer = await ask(at, rules, signal);
    if (answer.kind !== "redirect") return answer;
    at = parseUrl(answer.location, at);
  }
  return failed("too_many_redirects");
}

type Answer = Fetched | { readonly kind: "redirect"; readonly location: string };

function refusalOf(url: URL, rules: FetchRules): FetchReason | undefined {
  if (url.username !== "" || url.password !== "") return "bad_address";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "not_https";
  if (isAllowed(url, rules)) return undefined;
  if (url.protocol !== "https:") return "not_https";
  // An address in place of a name is never looked up, so that it is checked here.
  const address = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(address) !== 0 && !isPublicAddress(address) ? "private_address" : undefined;
}

function isAllowed(url: URL, { allowedHosts }: FetchRules): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return allowedHosts.some((host) => [url.hostname, `${url.hostname}:${port}`].includes(host.toLowerCase()));
}

async function ask(url: URL, rules: FetchRules, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await open(url, rules, signal);
    try {
      return await answerOf(response, rules);
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (signal.aborted) return failed("timeout");
    return failed(error instanceof PrivateAddress ? "private_address" : "unreachable");
  }
}

function open(url: URL, rules: FetchRules, signal: AbortSignal): Promise<IncomingMessage> {
  const { lookup = lookupName } = rules;
  const options: RequestOptions = {
    signal,
    // A connection of its own: a pooled one could belong to an earlier resolution of the name.
    agent: false,
    lookup: isAllowed(url, rules) ? lookup : onlyPublic(lookup),
    headers: { accept: "application/jwk-set+json, application/json", "accept-encoding": "identity" },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, resolve);
    request.on("error", reject);
    request.end();
  });
}

async function answerOf(response: IncomingMessage, rules: FetchRules): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  if ([301, 302, 303, 307, 308].includes(statusCode)) {
    const { location } = headers;
    return location === undefined ? failed("bad_status") : { kind: "redirect", location };
  }
  if (statusCode !== 200) return failed("bad_status");
  // What is compressed could be any size; it was not asked for.
  if (!["identity", ""].includes(headers["content-encoding"] ?? "")) return failed("encoded");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > rules.documentBytesMax) return failed("too_large");
    chunks.push(chunk);
  }
  return { kind: "document", text: Buffer.concat(chunks).toString("utf8") };
}

class PrivateAddress extends Error {
  override readonly name = "PrivateAddress";
}

/** Resolves names as `lookup` does, but not those of which any address is not public. */
function onlyPublic(lookup: LookupFunction): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses: readonly Pick<LookupAddress, "address">[] =
        typeof address === "string" ? [{ address }] : address;
      const refused = error === null && addresses.some((one) => !isPublicAddress(one.address));
      if (refused) done(new PrivateAddress("the name leads to an address that is not public"), [], family);
      else done(error, address, family);
    });
  };
}

function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

function failed(reason: FetchReason): Fetched {
  return { kind: "failed", reason };
}
