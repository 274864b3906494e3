import { runProcess } from "../../shared/process/run-process.js";
import { statsSettings } from "./config.js";
import { start } from "./start.js";

await runProcess("stats", statsSettings, process.env, start);
