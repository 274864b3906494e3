/** Where the schema registry is, and how it is asked. */
export interface RegistryAddress {
  /** Without user and password. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string };
  /** What says so in a request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes user and password out of the address: neither `fetch` nor a log may have them there. */
export function registryAddress(registryUrl: string): RegistryAddress {
  const parsed = new URL(registryUrl);
  const [username, password] = [decodeURIComponent(parsed.username), decodeURIComponent(parsed.password)];
  parsed.username = "";
  parsed.password = "";
  const url = parsed.href.replace(/\/$/, "");
  if (username === "") return { url, headers: {} };
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return { url, auth: { username, password }, headers: { authorization: `Basic ${basic}` } };
}
