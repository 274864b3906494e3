import { openStack, type Stack } from "../../compose/stack.js";
import { services } from "../../compose/services.js";

/** Name of the demo's stack: it runs beside any other. */
export const stackName = "demo";

/** The real stack with our processes on it; windows are built as soon as they close. */
export function demoStack(env: NodeJS.ProcessEnv): Promise<Stack> {
  const quick = { MIN_WINDOW_AGE: "0" };
  return openStack({
    name: stackName,
    env,
    services: services.map((service) => ({ ...service, env: { ...service.env, ...quick } })),
    progress: "shown",
  });
}

/** What the command line needs to work on this stack. */
export function operatorEnvironment(stack: Stack): Record<string, string> {
  return {
    TEKSTREAM_KAFKA_BROKERS: stack.endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: stack.endpoints.registry.url,
    TEKSTREAM_PREFIX: stack.name,
    TEKSTREAM_MASTER_KEY_FILE: `${stack.directory}/master-key`,
  };
}
