import * as fc from "fast-check";
import { expect, test } from "vitest";
import { requestTarget } from "./request-target.js";

test.each<[string, string]>([
  ["/v1/publish", "/v1/publish"],
  ["/v1/publish?a=/../b", "/v1/publish"],
  ["/", "/"],
  ["/?x", "/"],
  ["/v1/publish/", "/v1/publish/"],
  ["/V1/publish", "/V1/publish"],
  ["/v1/%70ublish", "/v1/publish"],
  ["/v1%2Fpublish", "/v1/publish"],
  ["http://key.example/v1/publish", "/v1/publish"],
])("%s asks for %s", (url, path) => {
  expect(requestTarget(url)).toEqual({ kind: "path", path });
});

test.each<[string, string]>([
  ["//v1/publish", "/v1/publish"],
  ["/v1//publish?a=1&b=//", "/v1/publish?a=1&b=//"],
  ["/v1/./publish", "/v1/publish"],
  ["/x/../v1/publish/", "/v1/publish/"],
  ["/../v1/publish", "/v1/publish"],
  ["//", "/"],
  ["/%2Fv1/publish", "/v1/publish"],
  ["//a%3Fb%20c", "/a%3Fb%20c"],
  ["", "/"],
])("%s is sent to %s", (url, location) => {
  expect(requestTarget(url)).toEqual({ kind: "moved", location });
});

test.each(["/%", "/v1/%zz", "/%ff"])("%s can't be read", (url) => {
  expect(requestTarget(url)).toEqual({ kind: "unreadable" });
});

test("whoever follows a redirect is not sent on again, and stays here", () => {
  const part = fc.constantFrom("", ".", "..", "a", "v1", "%2F", "%2e", "%3F", "é", "%25", "*", "\\");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const first = requestTarget(`/${parts.join("/")}`);
      if (first.kind !== "moved") return;
      expect(first.location).toMatch(/^\/(?!\/)/);
      expect(requestTarget(first.location).kind).toBe("path");
    }),
  );
});
