import { brokerNames } from "./endpoints.js";
import type { Part } from "./part.js";
import { kafkaParts } from "./parts/kafka.js";
import { mongodbPart } from "./parts/mongodb.js";
import { objectStorePart } from "./parts/object-store.js";
import { redisPart } from "./parts/redis.js";
import { registryPart } from "./parts/registry.js";
import type { StackContext } from "./stack-context.js";

/** The real parts of a stack; its own services are described by `servicePart`. */
export async function stackParts(stack: StackContext): Promise<Part[]> {
  const objectStore = stack.objectStore === "s3" ? [await objectStorePart(stack)] : [];
  return [...kafkaParts(stack), registryPart(stack), mongodbPart(stack), redisPart(stack), ...objectStore];
}

/** The names that need a port in a stack of this shape. */
export function portNames(shape: { brokers: number; services: readonly string[] }): string[] {
  const brokers = brokerNames(shape.brokers).flatMap((name) => [name, `${name}-controller`]);
  return [...brokers, "registry", "mongodb", "redis", "object-store", ...shape.services];
}
