/** Numbers of the schema's Platform. */
export type Platform = 0 | 1 | 2;

/** Which platform a user agent speaks of: unknown, Android or iOS. The text itself is not kept. Facts, §3.7. */
export function platformOf(userAgent: string | undefined): Platform {
  const text = (userAgent ?? "").toLowerCase();
  if (text.includes("android")) return 1;
  return text.includes("iphone") || (text.includes("bluetoothd") && text.includes("cfnetwork")) ? 2 : 0;
}
