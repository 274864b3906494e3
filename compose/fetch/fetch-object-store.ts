import { join } from "node:path";

import { versions } from "../settings.js";
import { runCommand } from "../run-command.js";
import { cachedPart } from "./cached-part.js";
import { ensureTool } from "./ensure-tool.js";
import type { FetchContext } from "./fetch-context.js";

const module = "github.com/versity/versitygw/cmd/versitygw";

/** Builds the S3 server from its Go module; returns the folder that holds the binary. */
export async function fetchObjectStore(context: FetchContext): Promise<string> {
  return cachedPart(context.cache, `object-store-${versions.objectStore}`, async (scratch) => {
    const why = "it builds the S3 server";
    await ensureTool({ program: "go", debianPackage: "golang-go", why }, context);
    const env = { ...context.env, ...goEnv(scratch) };
    await runCommand(["go", "install", "-trimpath", "-ldflags=-s -w", `${module}@${versions.objectStore}`], {
      env,
      cwd: scratch,
    });
    await runCommand([join(scratch, "result", "versitygw"), "--version"], context);
  });
}

// Modules and build results live in the scratch folder, writable, so that they go away with it: they are gigabytes.
function goEnv(scratch: string): Record<string, string> {
  return {
    GOPATH: join(scratch, "go"),
    GOMODCACHE: join(scratch, "go", "mod"),
    GOCACHE: join(scratch, "build"),
    GOTMPDIR: scratch,
    GOBIN: join(scratch, "result"),
    GOFLAGS: "-modcacherw",
    GOTELEMETRY: "off",
    GOTOOLCHAIN: "auto",
    CGO_ENABLED: "0",
  };
}
