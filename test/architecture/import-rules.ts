import { isTest, type Module } from "./checkout.js";

/** What a rule finds: one line for each breach, the file first. */
export type Breach = string;

/** A rule about who may import what. */
export interface ImportRule {
  readonly title: string;
  /** The breaches among all modules of the checkout. */
  readonly find: (modules: readonly Module[]) => Breach[];
}

/** Libraries with I/O, or with a life of their own, and the folders that may import them. */
const doors: Readonly<Record<string, readonly string[]>> = {
  "@kafkajs/confluent-schema-registry": ["shared/registry/"],
  bull: ["consumers/export-window/"],
  "cli-progress": ["consumers/replay/", "producers/admin/", "test/demo/"],
  commander: ["producers/admin/", "compose/main.ts"],
  express: ["shared/process/"],
  ioredis: ["consumers/export-window/", "producers/gateway/", "compose/probes/"],
  kafkajs: ["shared/kafka/", "compose/probes/"],
  minio: ["shared/objects/", "compose/probes/"],
  mongodb: ["shared/view/", "compose/probes/"],
  "rate-limiter-flexible": ["producers/gateway/"],
  pino: ["shared/process/"],
};

/** Folders without I/O and clocks, and all that they may import beyond their own files. */
const pureFolders: Readonly<Record<string, readonly string[]>> = {
  "shared/export-check/": ["node:crypto", "node:zlib"],
  "shared/exports/": ["node:buffer", "node:crypto", "@noble/curves", "jszip", "node-forge", "protobufjs"],
  "shared/keys/": ["node:buffer", "node:crypto", "node-forge", "schemas/generated/"],
  "shared/records/": ["node:buffer", "schemas/generated/", "shared/keys/", "shared/topology.ts"],
  "shared/stats/": ["shared/records/", "shared/topology.ts"],
};

export const importRules: readonly ImportRule[] = [
  {
    title: "a process imports itself and shared/, never another process",
    find: (modules) =>
      breaches(modules.filter(isProcessModule), ({ path }, target) => {
        const [area, name] = path.split("/");
        return target.startsWith(`${area}/${name}/`) || target.startsWith("shared/");
      }),
  },
  {
    title: "shared/ imports shared/ and the generated schemas",
    find: (modules) =>
      breaches(
        modules.filter((module) => module.path.startsWith("shared/") && !isTest(module)),
        (_module, target) => target.startsWith("shared/") || target.startsWith("schemas/generated/"),
      ),
  },
  {
    title: "compose/ imports compose/ and shared/",
    find: (modules) =>
      breaches(
        modules.filter((module) => module.path.startsWith("compose/") && !isTest(module)),
        (_module, target) => target.startsWith("compose/") || target.startsWith("shared/"),
      ),
  },
  {
    title: "a library with I/O is imported through its own door",
    find: (modules) =>
      modules
        .filter((module) => !isTest(module))
        .flatMap(({ path, imports }) =>
          imports
            .filter(({ package: name = "" }) => doors[name]?.every((door) => !path.startsWith(door)) === true)
            .map(({ target }) => `${path} imports ${target}`),
        ),
  },
  {
    title: "folders without I/O import nothing that has any",
    find: (modules) => modules.filter((module) => !isTest(module)).flatMap(impureImports),
  },
  {
    title: "the check of exports and their writer share no file",
    find: (modules) =>
      modules
        .filter((module) => module.path.startsWith("shared/exports/") && !isTest(module))
        .flatMap(({ path, imports }) =>
          imports
            .filter(({ target }) => target.startsWith("shared/export-check/"))
            .map(({ target }) => `${path} imports ${target}`),
        ),
  },
  {
    title: "the phones of the tests know nothing of ours but the check of exports",
    find: (modules) =>
      breaches(
        modules.filter(({ path }) => path.startsWith("test/phones/")),
        (_module, target) => target.startsWith("test/phones/") || target.startsWith("shared/export-check/"),
      ),
  },
];

/** Relative imports that `isAllowed` refuses. Tests beside the code may take their support from test/ and compose/. */
function breaches(
  modules: readonly Module[],
  isAllowed: (module: Module, target: string) => boolean,
): Breach[] {
  return modules.flatMap((module) =>
    module.imports
      .filter(({ isRelative, target }) => isRelative && !isAllowed(module, target))
      .map(({ target }) => `${module.path} imports ${target}`),
  );
}

function isProcessModule(module: Module): boolean {
  return /^(producers|consumers)\//.test(module.path) && !isTest(module);
}

function impureImports({ path, imports }: Module): Breach[] {
  const folder = Object.keys(pureFolders).find((name) => path.startsWith(name));
  if (folder === undefined) return [];
  const allowed = pureFolders[folder] ?? [];
  return imports
    .filter(({ isRelative, target, package: name = "" }) =>
      isRelative ? ![folder, ...allowed].some((start) => target.startsWith(start)) : !allowed.includes(name),
    )
    .map(({ target }) => `${path} imports ${target}`);
}
