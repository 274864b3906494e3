import ipaddr from "ipaddr.js";

/** Where a request comes from, as far as the connection and the proxies in front tell. */
export interface Origin {
  readonly remoteAddress: string | undefined;
  /** X-Forwarded-For: each proxy adds at the end whom it was asked by. */
  readonly forwardedFor: string | undefined;
}

const networkBytes = { ipv4: 3, ipv6: 8 } as const;

/**
 * The client's network: /24 of IPv4, /64 of IPv6, with one byte for the kind in front. Undefined where nothing readable
 * is told. Only what the trusted proxies have added is believed; the rest of the header is the client's own.
 */
export function clientNetwork(origin: Origin, trustedProxies: number): Buffer | undefined {
  const forwarded = (origin.forwardedFor ?? "").split(",").map((item) => withoutPort(item.trim()));
  const chain = [...forwarded, origin.remoteAddress ?? ""].filter((item) => item !== "");
  const address = chain[Math.max(0, chain.length - 1 - trustedProxies)];
  if (address === undefined || !ipaddr.isValid(address)) return undefined;
  // IPv4 within IPv6 counts as the IPv4 that it is.
  const parsed = ipaddr.process(address);
  const kind = parsed.kind();
  return Buffer.from([networkBytes[kind], ...parsed.toByteArray().slice(0, networkBytes[kind])]);
}

function withoutPort(item: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::[0-9]+)?$/.exec(item) ?? [];
  return bracketed ?? item.replace(/^([0-9.]+):[0-9]+$/, "$1");
}
