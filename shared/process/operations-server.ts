import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import express, { type Express } from "express";
import type { Registry } from "prom-client";
import type { Readiness } from "./readiness.js";

/** More than all probes and monitors have at once; of the others, each is closed as it comes. */
const connectionsMax = 200;

/**
 * Adds the operator's routes to an express app: /live (the process runs), /ready (each part can work: 200 or 503,
 * with the parts by name) and /metrics (Prometheus text).
 */
export function operationsRoutes(app: Express, readiness: Readiness, metrics: Registry): Express {
  app.get("/live", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/ready", (_request, response) => {
    response.status(readiness.ready ? 200 : 503).json({ ready: readiness.ready, parts: readiness.parts });
  });
  app.get("/metrics", async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  return app;
}

/** Listens with the operator's routes only. Port 0 takes a free one. */
export async function startOperationsServer(options: {
  host: string;
  port: number;
  readiness: Readiness;
  metrics: Registry;
}): Promise<{ port: number; stop(): Promise<void> }> {
  const app = operationsRoutes(express().disable("x-powered-by"), options.readiness, options.metrics);
  const server = app.listen(options.port, options.host);
  server.maxConnections = connectionsMax;
  return listen(server);
}

/**
 * Waits until a server listens, and wraps it with a graceful stop: idle connections close, open requests end, or are
 * given up when they take longer than `graceSeconds`.
 */
export async function listen(
  server: Server,
  { graceSeconds } = { graceSeconds: 5 },
): Promise<{ port: number; stop(): Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        const giveUp = setTimeout(() => {
          server.closeAllConnections();
        }, graceSeconds * 1000);
        server.close(() => {
          clearTimeout(giveUp);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
