import type { ExportWindow } from "../../shared/exports/window.js";

/** Groups what can be read together: the same window of the log, and no more than `max` at once. */
export function passes<Plan extends { readonly content: ExportWindow }>(
  plans: readonly Plan[],
  max: number,
): readonly (readonly Plan[])[] {
  const open = new Map<string, Plan[]>();
  const all: Plan[][] = [];
  for (const plan of plans) {
    const key = `${plan.content.startSeconds}-${plan.content.endSeconds}`;
    let pass = open.get(key);
    if (pass === undefined || pass.length === max) {
      pass = [];
      open.set(key, pass);
      all.push(pass);
    }
    pass.push(plan);
  }
  return all;
}
