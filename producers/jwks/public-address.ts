import { BlockList, isIPv4, isIPv6 } from "node:net";

// Which addresses are those of the public internet. Everything else (private networks, loopback, link-local with the
// metadata services of clouds, multicast, reserved) may only be fetched from when an operator names the host.
// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.

const special4 = listOf("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]);

/** Global unicast; whatever is not in it, such as mapped IPv4 addresses, is not public. */
const global6 = listOf("ipv6", [["2000::", 3]]);

/** Within it: protocol assignments with Teredo, documentation, 6to4, which wrap IPv4 addresses or lead nowhere. */
const special6 = listOf("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special4.check(address, "ipv4");
  return isIPv6(address) && global6.check(address, "ipv6") && !special6.check(address, "ipv6");
}

function listOf(family: "ipv4" | "ipv6", subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of subnets) list.addSubnet(network, bits, family);
  return list;
}
