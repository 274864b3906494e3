/** The time in unix seconds, with fractions. */
export type Clock = () => number;

/** The machine's own time. */
export const systemClock: Clock = () => Date.now() / 1000;
