import type { Env } from "../paths.js";

/** What every fetch needs: the folder that keeps the results, and the environment for the tools that it runs. */
export type FetchContext = { readonly cache: string; readonly env: Env };
