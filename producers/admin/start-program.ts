import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Surroundings } from "./surroundings.js";

const modules = { replay: "../../consumers/replay/main.js" } as const;

/** Starts a program of ours on this terminal, and waits for its end. A signal that ends us ends it. */
export const startProgram: Surroundings["start"] = (program, words, environment) =>
  new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL(modules[program], import.meta.url));
    const child = spawn(process.execPath, [path, ...words], { env: { ...environment }, stdio: "inherit" });
    process.once("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code) => {
      resolve(code ?? 1);
    });
  });
