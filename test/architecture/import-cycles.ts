import type { Module } from "./checkout.js";

/** Every way that leads from a module back to itself, as `a → b → a`; one for each module that closes a circle. */
export function importCycles(modules: readonly Module[]): string[] {
  const targets = new Map(modules.map((module) => [module.path, relativeTargets(module)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push([...trail.slice(start), path].join(" → "));
    if (start !== -1 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}

function relativeTargets({ imports }: Module): string[] {
  return imports.filter(({ isRelative }) => isRelative).map(({ target }) => target);
}
