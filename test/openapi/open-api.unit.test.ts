import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { OpenApi, openApiText } from "./open-api.js";

const json = {
  "content-type": "application/json",
  date: "",
  connection: "keep-alive",
  "content-length": "1",
};
const v1 = { ...json, "x-api-version": "v1" };
const padding = "AAAA";
const text = (fields: object): string => JSON.stringify({ padding, ...fields });

test("the document is a document of OpenAPI 3.1", async () => {
  expect(await new Validator().validate(parse(openApiText) as Record<string, unknown>)).toEqual({
    valid: true,
  });
});

test("the document has the gateway's routes, and no others", () => {
  const composition = readFileSync(new URL("../../producers/gateway/start.ts", import.meta.url), "utf8");
  const routes = [...composition.matchAll(/\[\s*"(\/[^"]*)",/g)].map(([, path]) => path);
  expect(new Set(routes)).toEqual(new Set(new OpenApi().paths));
});

test("an answer as the document has it has no difference, and is seen", () => {
  const api = new OpenApi();
  const revised = { error: "key was already revised", code: "key_already_revised" };
  const before = api.unseen();
  expect(before).toContain("/v1/publish 400 4");
  expect(api.differences("/v1/publish", { status: 400, headers: v1, text: text(revised) })).toEqual([]);
  expect(before.filter((kind) => !api.unseen().includes(kind))).toEqual(["/v1/publish 400 4"]);
});

test.each([
  ["another status", { status: 418, headers: v1, text: text({}) }],
  ["another header", { status: 200, headers: { ...v1, "x-powered-by": "x" }, text: text({}) }],
  ["a missing header", { status: 200, headers: json, text: text({}) }],
  ["a header with another value", { status: 200, headers: { ...v1, "x-api-version": "v2" }, text: text({}) }],
  ["another media type", { status: 200, headers: { ...v1, "content-type": "text/html" }, text: "" }],
  ["another field", { status: 200, headers: v1, text: text({ insertedExposure: 1 }) }],
  ["a field of another type", { status: 200, headers: v1, text: text({ insertedExposures: "1" }) }],
  ["a missing field", { status: 200, headers: v1, text: "{}" }],
  ["another code", { status: 400, headers: v1, text: text({ error: "e", code: "e" }) }],
  ["a code with another text", { status: 400, headers: v1, text: text({ error: "e", code: "bad_request" }) }],
  [
    "a field beside the error",
    { status: 503, headers: { ...v1, "retry-after": "5" }, text: unavailableWith({ days: [] }) },
  ],
])("%s is a difference", (_what, answer) => {
  const api = new OpenApi();
  const before = api.unseen();
  expect(api.differences("/v1/publish", answer)).not.toEqual([]);
  expect(api.unseen()).toEqual(before);
});

test("a path that the document does not have is answered 404 or 301", () => {
  const api = new OpenApi();
  expect(api.differences("/nope", { status: 404, headers: {}, text: "" })).toEqual([]);
  expect(api.differences("/nope", { status: 200, headers: {}, text: "" })).not.toEqual([]);
});

function unavailableWith(fields: object): string {
  return text({
    code: "internal_error",
    error: "temporarily unavailable: send the same request again",
    ...fields,
  });
}
