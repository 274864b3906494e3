import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { versions } from "../settings.js";
import { runCommand } from "../run-command.js";
import { cachedPart } from "./cached-part.js";
import { ensureTool } from "./ensure-tool.js";
import type { FetchContext } from "./fetch-context.js";

/** Fetches the Kafka broker with its dependencies; returns the folder of jars. */
export async function fetchKafka(context: FetchContext): Promise<string> {
  return cachedPart(context.cache, `kafka-${versions.kafka}`, async (scratch) => {
    await ensureMaven(context);
    await writeFile(join(scratch, "pom.xml"), kafkaPom);
    await maven(context, scratch, [
      "-f",
      join(scratch, "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${join(scratch, "result")}`,
    ]);
  });
}

/** Fetches the schema registry; returns the folder that holds the runner jar and its `lib`. */
export async function fetchRegistry(context: FetchContext): Promise<string> {
  return cachedPart(context.cache, `registry-${versions.registry}`, async (scratch) => {
    await ensureMaven(context);
    const artifact = `io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`;
    await maven(context, scratch, [
      "dependency:copy",
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${scratch}`,
    ]);
    const archive = join(scratch, `apicurio-registry-app-${versions.registry}-all.tar.gz`);
    await runCommand(["tar", "-xzf", archive, "-C", join(scratch, "result")], context);
  });
}

async function ensureMaven(context: FetchContext): Promise<void> {
  const why = "it fetches Kafka and the schema registry";
  await ensureTool({ program: "mvn", debianPackage: "maven", why }, context);
}

// A repository of its own keeps HOME clean, and Maven's repositories don't bear two writers anyway.
async function maven(context: FetchContext, scratch: string, args: readonly string[]): Promise<void> {
  const repository = join(scratch, "repository");
  const command = ["mvn", "-q", "-B", `-Dmaven.repo.local=${repository}`, ...args] as const;
  await runCommand([...command], { env: context.env, cwd: scratch });
  await rm(repository, { recursive: true, force: true });
}

const kafkaPom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tekstream</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_${versions.kafkaScala}</artifactId>
      <version>${versions.kafka}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>${versions.slf4jSimple}</version>
    </dependency>
  </dependencies>
</project>
`;
