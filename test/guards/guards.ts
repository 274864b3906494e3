import type { Guard } from "./guard.js";
import { guardsOfSubmissions } from "./guards-of-submissions.js";
import { guardsOfWindows } from "./guards-of-windows.js";

/** By the kind of fault that each holds back. */
export const guards: readonly Guard[] = [...guardsOfSubmissions, ...guardsOfWindows];
