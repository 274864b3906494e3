import { systemClock } from "../../shared/process/clock.js";
import { runProcess } from "../../shared/process/run-process.js";
import { jwksSettings } from "./config.js";
import { start } from "./start.js";

await runProcess("jwks", jwksSettings, process.env, (context) => start(context, { nowSeconds: systemClock }));
