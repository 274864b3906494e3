/** The times of a token, in unix seconds; 0 or absent is not checked. */
export interface TokenTimes {
  readonly exp: number | bigint;
  readonly iat: number | bigint;
  readonly nbf: number | bigint;
}

/** Which times of a token are wrong now; no leeway (reference server facts, §3.2, step 7). */
export function checkTimes({ exp, iat, nbf }: TokenTimes, nowSeconds: number) {
  const now = Math.floor(nowSeconds);
  return {
    isBeforeIat: !isZero(iat) && iat > now,
    isBeforeNbf: !isZero(nbf) && nbf > now,
    expiredMessage:
      !isZero(exp) && exp < now ? `token is expired by ${duration(now - Number(exp))}` : undefined,
  };
}

function isZero(time: number | bigint): boolean {
  return time === 0;
}

// As the reference server's language prints durations, which end at 2^63 nanoseconds.
function duration(seconds: number): string {
  if (seconds > 9_223_372_036) return "2562047h47m16.854775807s";
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}
