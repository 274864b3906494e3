import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { renderDockerCompose } from "./docker.js";
import { services } from "./services.js";
import { versions } from "./settings.js";

const composeFile = z.strictObject({
  name: z.string(),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  services: z.record(
    z.string(),
    z.strictObject({
      image: z.string().regex(/^[a-z0-9./-]+:[a-z0-9.-]+$/),
      hostname: z.string().optional(),
      build: z.unknown().optional(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string().regex(/^[A-Z0-9_]+$/), z.string()).optional(),
      depends_on: z
        .record(
          z.string(),
          z.strictObject({ condition: z.enum(["service_healthy", "service_completed_successfully"]) }),
        )
        .optional(),
      healthcheck: z
        .strictObject({
          test: z.array(z.string()).min(2),
          interval: z.string(),
          timeout: z.string(),
          retries: z.int(),
          start_period: z.string(),
        })
        .optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      secrets: z.array(z.string()).optional(),
      restart: z.enum(["unless-stopped", "on-failure"]),
      stop_grace_period: z.string().optional(),
    }),
  ),
});

// Compose reads the older YAML, in which a bare "yes" is not a string.
const file = composeFile.parse(parse(renderDockerCompose(), { version: "1.1" }));

test("the file in the repository is what the settings give", async () => {
  const committed = await readFile(join(import.meta.dirname, "docker-compose.yml"), "utf8");
  expect(committed).toBe(renderDockerCompose());
});

test("every one of our processes is there, and waits only for services that are there and checked", () => {
  expect(Object.keys(file.services)).toEqual(expect.arrayContaining(services.map(({ name }) => name)));
  for (const { depends_on: dependsOn = {} } of Object.values(file.services)) {
    for (const [name, { condition }] of Object.entries(dependsOn)) {
      const awaited = file.services[name];
      expect(awaited, name).toBeDefined();
      if (condition === "service_healthy") expect(awaited?.healthcheck, name).toBeDefined();
    }
  }
});

test("nothing is published beyond the loopback of the host", () => {
  const published = Object.values(file.services).flatMap(({ ports = [] }) => ports);
  expect(published.length).toBeGreaterThan(0);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test("every volume that is mounted is declared, and the other way round", () => {
  const mounted = Object.values(file.services).flatMap(({ volumes = [] }) => volumes);
  const names = new Set(mounted.map((volume) => volume.split(":")[0]));
  expect(names).toEqual(new Set(Object.keys(file.volumes)));
});

test("the image is built on the Node version of the settings", async () => {
  const dockerfile = await readFile(join(import.meta.dirname, "Dockerfile"), "utf8");
  expect(dockerfile).toContain(`ARG NODE_IMAGE=${versions.nodeImage}\n`);
});
