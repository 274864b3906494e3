import { expect, test } from "vitest";
import { platformOf } from "./platform.js";

// Reference server facts, §3.7.
test.each([
  ["Dalvik/2.1.0 (Linux; U; Android 11; Pixel 4)", 1],
  ["okhttp/4 ANDROID", 1],
  ["ENX/1 (iPhone; iOS 14.2)", 2],
  ["bluetoothd (unknown version) CFNetwork/1209 Darwin/20.2.0", 2],
  ["CFNetwork/1209 Darwin/20.2.0", 0],
  ["bluetoothd", 0],
  ["curl/7", 0],
  ["", 0],
  [undefined, 0],
] as const)("%j is platform %i", (userAgent, platform) => {
  expect(platformOf(userAgent)).toBe(platform);
});
