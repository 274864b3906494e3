import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { portOf, s3Endpoint } from "../endpoints.js";
import { flags } from "../flags.js";
import type { Part } from "../part.js";
import { checkBucket } from "../probes/check-bucket.js";
import { runCommand } from "../run-command.js";
import { settings } from "../settings.js";
import type { StackContext } from "../stack-context.js";

/**
 * The S3 server over a local folder. It keeps an object's metadata in extended attributes, which not every file system
 * has; there it uses files beside the data instead. What was found at the first start holds for ever.
 */
export async function objectStorePart(stack: StackContext): Promise<Part> {
  const port = portOf(stack.ports, "object-store");
  const data = join(stack.directory, "data", "object-store");
  await mkdir(data, { recursive: true });
  const { accessKey, secretKey, region } = settings.objectStore;
  return {
    name: "object-store",
    after: [],
    ports: { s3: port },
    command: [
      join(stack.programs.objectStore ?? "", "versitygw"),
      ...flags({ port: `127.0.0.1:${port}`, region }),
      "--quiet",
      "--keep-alive",
      "posix",
      ...(await metadataArguments(stack, data)),
      data,
    ],
    env: { ROOT_ACCESS_KEY_ID: accessKey, ROOT_SECRET_ACCESS_KEY: secretKey },
    cwd: stack.directory,
    prepare: async () => {},
    check: () => checkBucket(s3Endpoint(`127.0.0.1:${port}`).url),
  };
}

async function metadataArguments(stack: StackContext, data: string): Promise<string[]> {
  const sidecar = `${data}-metadata`;
  if (existsSync(sidecar)) return ["--sidecar", sidecar];
  const attributesWork = `${data}-attributes-work`;
  if (existsSync(attributesWork)) return [];
  if (await hasExtendedAttributes(stack, data)) {
    await writeFile(attributesWork, "");
    return [];
  }
  await mkdir(sidecar);
  return ["--sidecar", sidecar];
}

async function hasExtendedAttributes(stack: StackContext, folder: string): Promise<boolean> {
  const script = "import os, sys; os.setxattr(sys.argv[1], 'user.tekstream', b'1')";
  return runCommand(["python3", "-c", script, folder], { env: stack.env }).then(
    () => true,
    () => false,
  );
}
