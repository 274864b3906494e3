import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { services } from "../../compose/services.js";
import { processes, streams } from "../../shared/topology.js";
import { root, textFiles } from "./checkout.js";

// shared/topology.ts is the map; everything else that tells of processes and streams has to agree with it.

const entries = Object.entries(processes);
const running = entries.filter(([, { service }]) => service);

describe("processes", () => {
  test("every folder in producers/ and consumers/ is a process of the map, and the other way round", () => {
    const folders = ["producers", "consumers"].flatMap((area) =>
      foldersIn(area).map((name) => `${area}/${name}`),
    );
    expect(folders.sort()).toEqual(entries.map(([, { folder }]) => folder).sort());
  });

  test.each(entries)(
    "%s has its name's folder and the drawers that every process has",
    (name, { folder }) => {
      expect(folder.split("/").at(-1)).toBe(name);
      for (const drawer of ["main.ts", "config.ts"])
        expect(existsSync(join(root, folder, drawer)), drawer).toBe(true);
    },
  );

  test("the native stack runs exactly the services of the map", () => {
    const wanted = running.map(([name, { folder }]) => ({ name, entry: `dist/${folder}/main.js` }));
    expect(services.map(({ name, entry }) => ({ name, entry }))).toEqual(wanted);
  });

  test("the Docker Compose file runs exactly the services of the map", () => {
    const text = readFileSync(join(root, "compose/docker-compose.yml"), "utf8");
    const compose = parse(text) as { services: Record<string, { command?: readonly string[] }> };
    const found = Object.entries(compose.services).flatMap(([name, { command = [] }]) => {
      const entry = command.find((word) => /^dist\/(producers|consumers)\//.test(word));
      return entry === undefined ? [] : [{ name, entry }];
    });
    expect(found).toEqual(running.map(([name, { folder }]) => ({ name, entry: `dist/${folder}/main.js` })));
  });
});

describe("streams", () => {
  /** A message that travels with phones and not in the log. */
  const notAStream = ["revision/v1/token.proto"];

  test("every stream has its schema, and every schema its stream", () => {
    const files = readdirSync(join(root, "schemas"), { recursive: true, encoding: "utf8" });
    const protos = files.map((path) => path.replaceAll("\\", "/")).filter((path) => path.endsWith(".proto"));
    const wanted = new Set([...streams.map(({ schema }) => schema), ...notAStream]);
    expect(protos.sort()).toEqual([...wanted].sort());
  });

  test("a stream's topic and schema name the same version", () => {
    for (const { topic, schema } of streams) {
      expect(schema.split("/")[1], topic).toBe(topic.split(".").at(-1));
    }
  });

  test("no topic name is written anywhere in code but in the map", () => {
    const code = textFiles().filter(
      ({ path }) => /\.(ts|mjs|yml)$/.test(path) && path !== "shared/topology.ts",
    );
    const found = code.flatMap(({ path, text }) =>
      streams.filter(({ topic }) => text.includes(topic)).map(({ topic }) => `${path}: ${topic}`),
    );
    expect(found).toEqual([]);
  });

  test("every process reads or writes a stream", () => {
    const named = new Set(streams.flatMap(({ readers, writers }): string[] => [...readers, ...writers]));
    expect([...named].sort()).toEqual(entries.map(([name]) => name).sort());
  });
});

function foldersIn(area: string): string[] {
  return readdirSync(join(root, area), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
