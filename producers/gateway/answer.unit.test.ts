import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderAlphaAnswer, renderAnswer, type PublishAnswer } from "./answer.js";

const rule = { paddingBytesMin: 1024, paddingBytesRange: 1024 };

function fieldsOf(answer: PublishAnswer): Record<string, unknown> {
  return JSON.parse(renderAnswer(answer, rule).body.toString()) as Record<string, unknown>;
}

describe("fields", () => {
  test("that are empty are left out, padding never", () => {
    const answer = { status: 200, revisionToken: "", insertedExposures: 0, error: "", warnings: [] } as const;
    expect(Object.keys(fieldsOf(answer))).toEqual(["padding"]);
  });

  test("stand in the reference server's order", () => {
    const answer: PublishAnswer = {
      status: 200,
      warnings: ["late"],
      code: "partial_failure",
      error: "some keys",
      insertedExposures: 3,
      revisionToken: "dG9rZW4=",
    };
    const { padding: _padding, ...fields } = fieldsOf(answer);
    expect(fields).toEqual({
      revisionToken: "dG9rZW4=",
      insertedExposures: 3,
      error: "some keys",
      code: "partial_failure",
      warnings: ["late"],
    });
    const names = ["revisionToken", "insertedExposures", "error", "code", "padding", "warnings"];
    expect(Object.keys(fieldsOf(answer))).toEqual(names);
  });

  test("escape what Go's encoder escapes", () => {
    const { body } = renderAnswer({ status: 400, error: `<a> & "b" \u2028\u2029` }, rule);
    expect(body.toString()).toContain(String.raw`\u003ca\u003e \u0026 \"b\" \u2028\u2029`);
  });

  test("come back as they were, whatever they hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (error) => {
        expect(fieldsOf({ status: 400, error }).error).toBe(error);
      }),
    );
  });
});

describe("padding", () => {
  test("is standard base64 of at least the least and less than the least and the range", () => {
    const lengths = Array.from({ length: 300 }, () => {
      const padding = String(fieldsOf({ status: 200 }).padding);
      expect(padding).toMatch(/^[A-Za-z0-9+/]+=*$/);
      return padding.length;
    });
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1368);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2732);
    expect(new Set(lengths).size).toBeGreaterThan(50);
  });

  test("may have one length", () => {
    const { body } = renderAnswer({ status: 200 }, { paddingBytesMin: 3, paddingBytesRange: 1 });
    expect(body.toString()).toMatch(/^\{"padding":".{4}"\}$/);
  });

  test.each([
    [0, 0],
    [-1, -5],
  ])("can't be switched off by a least of %i and a range of %i", (paddingBytesMin, paddingBytesRange) => {
    const { body } = renderAnswer({ status: 200 }, { paddingBytesMin, paddingBytesRange });
    expect(body.length).toBeGreaterThan(1368);
  });
});

describe("an answer of v1alpha1", () => {
  const fields = (answer: PublishAnswer): unknown =>
    JSON.parse(renderAlphaAnswer(answer, rule).body.toString());

  test("has every field but warnings at all times, and no code", () => {
    const empty = { revisionToken: "", insertedExposures: 0, error: "", padding: expect.any(String) };
    expect(fields({ status: 200 })).toStrictEqual(empty);
    expect(
      fields({ status: 401, code: "unauthorized_region", error: "no", warnings: ["late"] }),
    ).toStrictEqual({
      ...empty,
      error: "no",
      warnings: ["late"],
    });
  });

  test("tells its version", () => {
    expect(renderAlphaAnswer({ status: 200 }, rule).headers).toEqual({
      "Content-Type": "application/json",
      "X-Api-Version": "v1alpha",
    });
  });
});

describe("headers", () => {
  test("tell type and version", () => {
    const { headers } = renderAnswer({ status: 400, error: "größer" }, rule);
    expect(headers).toEqual({
      "Content-Type": "application/json",
      "X-Api-Version": "v1",
    });
  });

  test("ask for a pause only when the outcome is unknown", () => {
    expect(renderAnswer({ status: 503 }, rule).headers).toHaveProperty("Retry-After");
    expect(renderAnswer({ status: 500 }, rule).headers).not.toHaveProperty("Retry-After");
  });
});
