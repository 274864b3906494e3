import { appendTime } from "../../shared/kafka/record-time.js";
import { systemClock } from "../../shared/process/clock.js";
import { runProcess } from "../../shared/process/run-process.js";
import { gatewaySettings } from "./config.js";
import { start } from "./start.js";

await runProcess("gateway", gatewaySettings, process.env, (context) =>
  start(context, { nowSeconds: systemClock, recordTime: appendTime }),
);
