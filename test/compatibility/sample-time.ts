/** The moment at which the samples want to be played (unix seconds). */
export const sampleSeconds = 1_795_470_320;

/** A clock that stands at the samples' moment until it is set going, and then runs with the machine's. */
export function sampleClock(): { readonly nowSeconds: () => number; setGoing(): void } {
  let shiftSeconds: number | undefined;
  return {
    nowSeconds: () => (shiftSeconds === undefined ? sampleSeconds : Date.now() / 1000 + shiftSeconds),
    setGoing() {
      shiftSeconds ??= sampleSeconds - Date.now() / 1000;
    },
  };
}
