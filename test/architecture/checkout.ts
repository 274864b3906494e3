import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { importsOf, type Import } from "./imports.js";

/** The checkout's top folder; this file runs from the sources and from dist/, one folder deeper. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/dist\/$/, "");

/** A file that is, or will be, committed. `path` is relative to the checkout, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A TypeScript file with what it imports. */
export interface Module extends TextFile {
  readonly imports: readonly Import[];
}

// What is made, fetched or secret, and what came from elsewhere as it is.
const ignored = [
  ".git",
  ".tekstream",
  "compose/secrets",
  "dist",
  "node_modules",
  "schemas/generated",
  "test/vectors",
];
const textKinds = new Set([
  "",
  ".json",
  ".md",
  ".mjs",
  ".proto",
  ".sh",
  ".ts",
  ".yml",
  ".yaml",
  ".dockerignore",
]);

/** Every text file of the checkout. */
export function textFiles(top = root): TextFile[] {
  return paths(top, top).map((path) => ({ path, text: readFileSync(join(top, path), "utf8") }));
}

/** Every TypeScript file among `files`, with its imports. */
export function modulesOf(files: readonly TextFile[]): Module[] {
  return files
    .filter(({ path }) => path.endsWith(".ts"))
    .map((file) => ({ ...file, imports: importsOf(file.path, file.text) }));
}

/** Whether a module is only for tests: a test itself, its support, or anything below test/. */
export function isTest({ path }: { readonly path: string }): boolean {
  return path.startsWith("test/") || /\.(test|test-support)\.ts$/.test(path) || path.includes("/testing/");
}

function paths(folder: string, top: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = join(folder, entry.name);
    const path = relative(top, full).replaceAll("\\", "/");
    if (ignored.includes(path)) return [];
    if (entry.isDirectory()) return paths(full, top);
    return entry.isFile() && textKinds.has(extname(entry.name)) ? [path] : [];
  });
}
