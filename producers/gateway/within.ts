import { Unavailable } from "../../shared/process/outcomes.js";

/**
 * The result of `work`, if it comes in time. Work that is late goes on; its outcome is unknown.
 * @throws {Unavailable} when time is up.
 */
export async function within<Result>(secondsMax: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable(`no outcome within ${secondsMax} s`));
    }, secondsMax * 1000);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
