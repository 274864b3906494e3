import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clientNetwork } from "./client-network.js";

const of = (remoteAddress: string, forwardedFor?: string, proxies = 0): string | undefined =>
  clientNetwork({ remoteAddress, forwardedFor }, proxies)?.toString("hex");

test.each([
  ["192.0.2.17", "192.0.2.200", true],
  ["192.0.2.17", "192.0.3.17", false],
  ["::ffff:192.0.2.17", "192.0.2.99", true],
  ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true],
  ["2001:db8:0:1::1", "2001:db8:0:2::1", false],
  ["fe80::1%eth0", "fe80::2", true],
])("%s and %s are of one network: %j", (a, b, isSame) => {
  expect(of(a)).toBeDefined();
  expect(of(a) === of(b)).toBe(isSame);
});

test("an IPv4 network is never an IPv6 one", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), (a, b) => {
      if (!b.includes(".")) expect(of(a)).not.toBe(of(b));
    }),
  );
});

test.each<[number, string | undefined, string]>([
  [0, "198.51.100.1", "10.0.0.1"],
  [1, "203.0.113.5, 198.51.100.1", "198.51.100.1"],
  [2, "203.0.113.5, 198.51.100.1", "203.0.113.5"],
  [3, "203.0.113.5, 198.51.100.1", "203.0.113.5"],
  [1, undefined, "10.0.0.1"],
  [1, "", "10.0.0.1"],
  [1, "junk, 198.51.100.1:4711", "198.51.100.1"],
  [1, "[2001:db8::1]:4711", "2001:db8::1"],
])("with %i trusted proxies and %j it is the network of %s", (proxies, forwarded, expected) => {
  expect(of("10.0.0.1", forwarded, proxies)).toBe(of(expected));
});

test("what is no address has no network, and nothing throws", () => {
  expect(of("10.0.0.1", "junk", 1)).toBeUndefined();
  expect(of("")).toBeUndefined();
  fc.assert(fc.property(fc.string(), fc.nat(4), (text, proxies) => void of("10.0.0.1", text, proxies)));
});
