import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { text, whole } from "./setting-kinds.js";
import { printableSettings, readSettings } from "./settings.js";

const folder = mkdtempSync(join(tmpdir(), "tekstream-settings-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const shape = {
  size: whole("SIZE", { description: "how big it is", max: 10 }),
  secret: text("SECRET", { description: "what nobody may see", secret: true }),
};

test("every problem is told at once, with its variable and what that is for", () => {
  expect(() => readSettings(shape, { SIZE: "11" })).toThrow(
    "SIZE: not a whole number from 0 to 10 (how big it is)\nSECRET: is required (what nobody may see)",
  );
});

test("an environment in which Node checks no certificate is refused", () => {
  const environment = { SIZE: "3", SECRET: "hush", NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  expect(() => readSettings(shape, environment)).toThrow(
    /^NODE_TLS_REJECT_UNAUTHORIZED: 0 switches the check of certificates off.* NODE_EXTRA_CA_CERTS$/,
  );
  expect(readSettings(shape, { ...environment, NODE_TLS_REJECT_UNAUTHORIZED: "1" }).size).toBe(3);
});

test("settings are printed by variable, secrets hidden", () => {
  const settings = readSettings(shape, { SIZE: "3", SECRET: "hush" });
  expect(printableSettings(shape, settings)).toEqual({ SIZE: 3, SECRET: "(hidden)" });
});

test("a problem with a secret does not tell the secret", () => {
  const parsed = { secret: whole("SECRET", { description: "a number", secret: true }) };
  expect(() => readSettings(parsed, { SECRET: "hush" })).toThrow(/^SECRET: (?!.*hush)/s);
});

describe("a variable with _FILE at its end", () => {
  const file = join(folder, "secret");
  writeFileSync(file, "from the file\n");

  test("names a file that holds the value, without the line's end", () => {
    const settings = readSettings(shape, { SIZE: "3", SECRET: "from the variable", SECRET_FILE: file });
    expect(settings.secret).toBe("from the file");
  });

  test("counts for nothing where it is empty", () => {
    expect(readSettings(shape, { SIZE: "3", SECRET: "plain", SECRET_FILE: "" }).secret).toBe("plain");
  });

  test("is told by name where its file can't be read", () => {
    expect(() => readSettings(shape, { SIZE: "3", SECRET_FILE: join(folder, "none") })).toThrow(
      /^SECRET_FILE: ENOENT/,
    );
  });
});
