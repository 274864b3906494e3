import { versions } from "../settings.js";
import { runCommand } from "../run-command.js";
import { ensureTool } from "./ensure-tool.js";
import type { FetchContext } from "./fetch-context.js";

/** Finds a Java runtime that is new enough for the broker, or installs one; returns its path. */
export async function fetchJava(context: FetchContext): Promise<string> {
  const debianPackage = `openjdk-${versions.javaMajorMin}-jre-headless`;
  const why = "Kafka and the schema registry run on it";
  const java = await ensureTool({ program: "java", debianPackage, why }, context);
  const version = await runCommand([java, "-version"], context);
  const major = Number(/version "(\d+)/.exec(version)?.[1]);
  if (major >= versions.javaMajorMin) return java;
  throw new Error(
    `${java} is version ${major}, ${versions.javaMajorMin} or newer is needed (${debianPackage})`,
  );
}
