/**
 * The moment at which the samples are played (unix seconds). They were recorded within a minute or so; the tokens of
 * `/v1/stats` are valid from two seconds before this moment on, for a minute. The clock stands: a slow machine must not
 * run out of that minute.
 */
export const sampleSeconds = 1_795_470_380;
