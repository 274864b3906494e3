import { Refused } from "./failures.js";

/**
 * What `work` gives, if it does in time. Work that is late goes on unheard.
 * @throws {Refused} with the sentence of `late`, asked when the time is over.
 */
export async function within<Result>(
  secondsMax: number,
  work: Promise<Result>,
  late: () => string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Refused(late()));
    }, secondsMax * 1000);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
