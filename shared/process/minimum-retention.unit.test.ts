import { expect, test } from "vitest";
import { NeedsOperator } from "./outcomes.js";
import { refuseShortRetention } from "./minimum-retention.js";

test("less than ten days is refused, and says what to do", () => {
  const refuse = () => {
    refuseShortRetention("CLEANUP_TTL", 240 * 3600 - 1, { hasNoMinimumRetention: false });
  };
  expect(refuse).toThrow(NeedsOperator);
  expect(refuse).toThrow("CLEANUP_TTL is 863999 s, less than the minimum of 240h");
});

test("ten days are enough, and trials may do with less", () => {
  refuseShortRetention("CLEANUP_TTL", 240 * 3600, { hasNoMinimumRetention: false });
  refuseShortRetention("CLEANUP_TTL", 1, { hasNoMinimumRetention: true });
});
