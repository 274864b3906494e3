import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aTlsCertificate } from "./a-tls-certificate.test-support.js";
import { fetchDocument, type FetchRules, type Fetched } from "./fetch-document.js";

// A health authority's server that does what it should not, on loopback.

const document = '{"keys":[]}';
let server: Server;
let port: number;
let requests = 0;

const answers: Record<string, RequestListener> = {
  "/keys": (_request, response) => response.end(document),
  "/large": (_request, response) => response.end("x".repeat(1025)),
  "/just-fits": (_request, response) => response.end("x".repeat(1024)),
  "/missing": (_request, response) => response.writeHead(404).end(document),
  "/nothing-new": (_request, response) => response.writeHead(304).end(),
  "/gzip": (_request, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(1_000_000))),
  "/silent": () => undefined,
  "/trickle": (_request, response) => {
    const timer = setInterval(() => response.write(" "), 50);
    response.on("close", () => clearInterval(timer));
  },
  "/endless": (_request, response) => {
    const more = (): boolean => response.write("x".repeat(600));
    response.on("drain", more);
    const timer = setInterval(more, 1);
    response.on("close", () => clearInterval(timer));
  },
  "/broken-off": (_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("[");
    response.socket?.end();
  },
  "/round": redirect("/round"),
  "/one": redirect("/two"),
  "/two": redirect("/three"),
  "/three": redirect("/keys"),
  "/to-nowhere": redirect("https://[::1"),
  "/without-location": (_request, response) => response.writeHead(302).end(),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    const url = new URL(request.url ?? "/", "http://host");
    const target = url.searchParams.get("to");
    const answer = target === null ? answers[url.pathname] : redirect(target);
    if (answer === undefined) response.writeHead(500).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function redirect(location: string): RequestListener {
  return (_request, response) => response.writeHead(302, { location }).end();
}

function rules(changes: Partial<FetchRules> = {}): FetchRules {
  return {
    allowedHosts: [`127.0.0.1:${port}`],
    documentBytesMax: 1024,
    redirectsMax: 3,
    timeoutSeconds: 40,
    ...changes,
  };
}

function fetchPath(path: string, changes: Partial<FetchRules> = {}): Promise<Fetched> {
  return fetchDocument(`http://127.0.0.1:${port}${path}`, rules(changes), new AbortController().signal);
}

function fetchUri(uri: string, changes: Partial<FetchRules> = {}): Promise<Fetched> {
  return fetchDocument(uri, rules(changes), new AbortController().signal);
}

test("a document of a host that an operator named is fetched, over http and from loopback", async () => {
  expect(await fetchPath("/keys")).toEqual({ kind: "document", text: document });
  expect(await fetchPath("/keys", { allowedHosts: ["127.0.0.1"] })).toMatchObject({ kind: "document" });
});

test("redirects are followed, so many and no more", async () => {
  expect(await fetchPath("/one")).toMatchObject({ kind: "document" });
  const before = requests;
  expect(await fetchPath("/round")).toEqual({ kind: "failed", reason: "too_many_redirects" });
  expect(requests - before).toBe(4);
  expect(await fetchPath("/one", { redirectsMax: 2 })).toMatchObject({ reason: "too_many_redirects" });
});

test.each([
  ["/missing", "bad_status"],
  ["/nothing-new", "bad_status"],
  ["/without-location", "bad_status"],
  ["/gzip", "encoded"],
  ["/large", "too_large"],
  ["/endless", "too_large"],
  ["/broken-off", "unreachable"],
  ["/to-nowhere", "bad_address"],
])("%s is %s", async (path, reason) => {
  expect(await fetchPath(path)).toEqual({ kind: "failed", reason });
});

test("a document of exactly the greatest size is read", async () => {
  expect(await fetchPath("/just-fits")).toMatchObject({ kind: "document" });
});

test.each(["/silent", "/trickle"])("a slow server is given up in time: %s", async (path) => {
  const before = performance.now();
  expect(await fetchPath(path, { timeoutSeconds: 0.3 })).toEqual({ kind: "failed", reason: "timeout" });
  expect(performance.now() - before).toBeLessThan(20_000);
});

test("a fetch ends when its run is over, and none begins afterwards", async () => {
  const run = new AbortController();
  setTimeout(() => run.abort(), 100);
  const uri = `http://127.0.0.1:${port}/silent`;
  const since = performance.now();
  expect(await fetchDocument(uri, rules({ timeoutSeconds: 50 }), run.signal)).toEqual({
    kind: "failed",
    reason: "timeout",
  });
  expect(performance.now() - since).toBeLessThan(20_000);
  const before = requests;
  expect(await fetchDocument(uri, rules(), run.signal)).toEqual({ kind: "failed", reason: "timeout" });
  expect(requests).toBe(before);
});

test("a server that can't prove who it is gets no request, even if an operator named it", async () => {
  const tls = createTlsServer(aTlsCertificate(), (_request, response) => response.end(document));
  await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
  const uri = `https://127.0.0.1:${(tls.address() as AddressInfo).port}/keys`;
  const fetched = await fetchUri(uri, { allowedHosts: ["127.0.0.1"] });
  tls.close();
  expect(fetched).toEqual({ kind: "failed", reason: "unreachable" });
});

describe("without an operator's word", () => {
  const nobody = { allowedHosts: [] };
  test.each([
    ["127.0.0.1", "private_address"],
    ["127.1", "private_address"],
    ["2130706433", "private_address"],
    ["0x7f000001", "private_address"],
    ["0177.0.0.1", "private_address"],
    ["169.254.169.254", "private_address"],
    ["[::1]", "private_address"],
    ["[::ffff:10.0.0.1]", "private_address"],
    ["[fe80::1]", "private_address"],
    ["localhost", "private_address"],
    ["user:secret@ha.example", "bad_address"],
  ])("%s is refused over https: %s", async (host, reason) => {
    expect(await fetchUri(`https://${host}/keys`, nobody)).toEqual({ kind: "failed", reason });
  });

  test.each([
    ["ha.example/keys", "bad_address"],
    ["http://ha.example/keys", "not_https"],
    ["ftp://ha.example/keys", "not_https"],
    ["file:///etc/hostname", "not_https"],
  ])("%s is refused: %s", async (uri, reason) => {
    expect(await fetchUri(uri, nobody)).toEqual({ kind: "failed", reason });
  });

  test("a named host's other ports are not named", async () => {
    expect(await fetchUri(`https://127.0.0.1:${port + 1}/keys`)).toMatchObject({ reason: "private_address" });
    expect(await fetchUri(`http://127.0.0.1:${port + 1}/keys`)).toMatchObject({ reason: "not_https" });
  });

  test("a redirect is under the same rules", async () => {
    for (const [target, reason] of [
      ...["127.0.0.1", "169.254.169.254", "localhost"].map((host) => [`https://${host}/`, "private_address"]),
      ["http://ha.example/", "not_https"],
      ["file:///etc/hostname", "not_https"],
    ])
      expect(await fetchPath(`/?to=${encodeURIComponent(target ?? "")}`), target).toMatchObject({ reason });
  });

  test.each([
    ["loopback", ["127.0.0.1"]],
    ["a private network in IPv6", ["fd00::1"]],
    ["a public address and a private one", ["8.8.8.8", "10.0.0.1"]],
  ])(
    "a name that leads to %s is refused where it is resolved for the connection",
    async (_what, addresses) => {
      const reason = "private_address";
      for (const all of [true, false]) {
        const lookup = resolvingTo(addresses, all);
        expect(await fetchUri(`https://ha.example:${port}/keys`, { ...nobody, lookup })).toMatchObject({
          reason,
        });
      }
    },
  );

  test("a name is resolved once, and the connection goes where that led", async () => {
    let lookups = 0;
    const lookup: LookupFunction = (name, options, done) => {
      lookups += 1;
      resolvingTo([lookups === 1 ? "192.88.99.0" : "127.0.0.1"], true)(name, options, done);
    };
    expect(await fetchUri("https://ha.example/", { ...nobody, lookup })).toMatchObject({
      reason: "private_address",
    });
    expect(lookups).toBe(1);
  });

  test("a name that can't be resolved is unreachable", async () => {
    const lookup: LookupFunction = (_name, _options, done) => done(new Error("no such name"), []);
    expect(await fetchUri("https://ha.example/", { ...nobody, lookup })).toMatchObject({
      reason: "unreachable",
    });
  });
});

function resolvingTo(addresses: readonly string[], isAll: boolean): LookupFunction {
  return (_name, _options, done) => {
    const all = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    const last = all.at(-1);
    if (isAll) done(null, all);
    else done(null, last?.address ?? "", last?.family);
  };
}
