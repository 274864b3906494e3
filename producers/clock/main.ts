import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { logProbe } from "../../shared/kafka/log-probe.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import { runProcess } from "../../shared/process/run-process.js";
import { openLog } from "../../shared/registry/open-log.js";
import { clockSettings } from "./config.js";
import { clockEvents } from "./events.js";
import { tickWriter } from "./tick-writer.js";
import { Ticker } from "./ticker.js";

await runProcess("clock", clockSettings, process.env, async ({ settings, log, metrics, readiness, own }) => {
  readiness.set("ticker", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const { connection, framing } = await openLog("clock", settings, log);
  own(logProbe(connection, readiness));
  const deployment = own(new DeploymentFollower(connection, framing));
  await deployment.start();
  const ticks = own(tickWriter(connection, framing));
  const ticker = own(
    new Ticker({
      nowSeconds: () => Date.now() / 1000,
      periods: () =>
        [...deployment.current.exportConfigurations.values()].flatMap(
          ({ versions }) => versions.at(-1)?.periodSeconds ?? [],
        ),
      writeTick: (boundarySeconds) => ticks.write(boundarySeconds),
      events: clockEvents(log, metrics, readiness),
    }),
  );
  ticker.start();
});
