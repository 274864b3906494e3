import { createHmac, type KeyObject } from "node:crypto";
import { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { deriveKey, type MasterKey } from "../../shared/secrets/master-key.js";
import { clientNetwork } from "./client-network.js";
import type { GatewayEvents } from "./events.js";
import { tooMany } from "./reply.js";
import type { Gate } from "./route.js";

export interface NetworkLimitOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly masterKey: MasterKey;
  readonly requestsMax: number;
  readonly windowSeconds: number;
  readonly trustedProxies: number;
  readonly nowSeconds: () => number;
  readonly events: Pick<GatewayEvents, "limited" | "limitAway" | "limitBack">;
  /** Redis is away when it takes longer to answer. */
  readonly answerMsMax?: number;
}

const secondsPerDay = 86_400;
/** A connection that says nothing for so long is given up, and with it the questions that the client keeps for it. */
const silentMsMax = 2000;

/**
 * Limits the requests of one client network, over all gateways together. Redis holds counters under a keyed hash of the
 * network, with another key every day: neither Redis nor a log ever has an address, and what it holds can't be followed
 * from one day to the next. While Redis is away, everything passes.
 */
export class NetworkLimit {
  readonly #options: NetworkLimitOptions;
  readonly #redis: Redis;
  readonly #limiter: RateLimiterRedis;
  #isAway = false;
  #keyOfDay: { readonly day: number; readonly key: KeyObject } | undefined;

  constructor(options: NetworkLimitOptions) {
    this.#options = options;
    this.#redis = new Redis(options.redisUrl, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: options.answerMsMax ?? 250,
      socketTimeout: silentMsMax,
    });
    this.#redis.on("error", () => {
      this.#setAway(true);
    });
    this.#redis.on("ready", () => {
      this.#setAway(false);
    });
    this.#limiter = new RateLimiterRedis({
      storeClient: this.#redis,
      keyPrefix: `${options.prefix}:limit`,
      points: options.requestsMax,
      duration: options.windowSeconds,
    });
  }

  /** Stands before the routes. The health check of whoever balances the load comes from one address, and passes. */
  readonly gate: Gate = async (request, { path }) => {
    if (path === "/health") return undefined;
    const forwardedFor = request.headers["x-forwarded-for"];
    const origin = {
      remoteAddress: request.socket.remoteAddress,
      forwardedFor: Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
    };
    const network = clientNetwork(origin, this.#options.trustedProxies);
    if (network === undefined) return undefined;
    try {
      await this.#limiter.consume(this.#hashOf(network));
      this.#setAway(false);
      return undefined;
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        this.#setAway(false);
        this.#options.events.limited();
        return tooMany(Math.ceil(error.msBeforeNext / 1000));
      }
      // Whatever Redis says: a limit that can't be told is no reason to turn a phone away.
      this.#setAway(true);
      return undefined;
    }
  };

  async stop(): Promise<void> {
    this.#redis.disconnect();
  }

  #hashOf(network: Buffer): string {
    const day = Math.floor(this.#options.nowSeconds() / secondsPerDay);
    if (this.#keyOfDay?.day !== day) {
      this.#keyOfDay = { day, key: deriveKey(this.#options.masterKey, `client-network-${day}`) };
    }
    return createHmac("sha256", this.#keyOfDay.key).update(network).digest("base64url").slice(0, 22);
  }

  #setAway(isAway: boolean): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    if (isAway) this.#options.events.limitAway();
    else this.#options.events.limitBack();
  }
}
