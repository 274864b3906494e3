import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deadLetterTopic, keysSubmitted } from "../../shared/topology.js";
import { aPublicKeyPem } from "./a-deployment.test-support.js";
import { run } from "./run-admin.test-support.js";

const folder = mkdtempSync(join(tmpdir(), "tekstream-admin-"));

describe("every command has a help text with examples", () => {
  const commands = [
    ...["create", "update", "add-key", "revoke-key", "reinstate-key", "activate-key", "list", "show"].map(
      (verb) => `health-authority ${verb}`,
    ),
    ...["create", "update", "remove", "list", "show"].map((verb) => `app ${verb}`),
    ...["create", "rotate", "retire", "list", "show"].map((verb) => `signing-key ${verb}`),
    ...["create", "update", "list", "show"].map((verb) => `export ${verb}`),
    ...["list", "show", "retry", "drop"].map((verb) => `dlq ${verb}`),
    "config show",
    "interval",
  ];
  test.each(["", ...commands])("%s --help", async (command) => {
    const ran = await run([...command.split(" ").filter(Boolean), "--help"]);
    expect(ran).toMatchObject({ exitCode: 0, err: "" });
    expect(ran.out).toContain(`Usage: tekstream ${command}`.trim());
    expect(ran.out).toMatch(/Examples:|A deployment from nothing:/);
  });
});

const letterTopic = deadLetterTopic(keysSubmitted, "key-store");
const authority = "health-authority create --id ha --issuer i --audience a --name n";
const anExport = "export create --id us --filename-root us --period 4h --output-region US";
const aRotation = "signing-key rotate --id a --new-id b --key-version v2";
const wrong: [string, RegExp][] = [
  ["", /Usage: tekstream/],
  ["bogus", /unknown command 'bogus'/],
  ["app create --name a", /--region <region...>' not specified/],
  ["app create --name a --region U$", /a region has/],
  ["app update --name a", /nothing to change/],
  [`${authority} --key-version v1`, /belong together/],
  [`${authority} --key-version v1 --public-key /nowhere/a.pem`, /\/nowhere\/a.pem can't be read/],
  [`${authority} --jwks-uri ftp://ha.example/`, /expected an address such as/],
  ["health-authority update --id ha", /nothing to change: give at least one of .*--no-jwks-uri/],
  ["health-authority revoke-key --id a/b --key-version v1", /an id has/],
  ["signing-key create --id k --key-id 3-1 --key-version v1", /phones accept/],
  ["signing-key retire --id k", /--at <time>' not specified/],
  ["signing-key retire --id k --at soon", /option --at: a time is written as/],
  [anExport.replace("4h", "5h"), /divides 24h evenly/],
  [`${anExport} --include-travelers --only-non-travelers`, /exclude each other/],
  [`${anExport} --max-records 0`, /whole number from 1/],
  [`${anExport} --min-records -1`, /whole number from 0/],
  [`${anExport} --padding-range 1.5`, /whole number from 0/],
  [`${anExport} --hold-below many`, /whole number from 0/],
  [`${anExport} --hold-at-most 200h`, /from 1s to 168h/],
  [`${aRotation} --from +1h`, /--overlap <duration>' not specified/],
  [`${aRotation} --from +1h --overlap some`, /a duration such as 336h, or none/],
  [`${aRotation} --overlap none`, /--from <time>' not specified/],
  [`${anExport} --thru soon`, /option --thru/],
  ["export update --id us", /nothing to change/],
  ["config show --timeout never", /a duration from 1s to 1h/],
  ["config show --env-file /nowhere/a.env", /\/nowhere\/a.env can't be read/],
  ["config show", /TEKSTREAM_KAFKA_BROKERS: is required[^]*TEKSTREAM_REGISTRY_URL: is required/],
  ["interval soon", /a time is written as/],
  [
    "dlq show --topic nowhere --offset 0",
    /no such dead-letter topic[^]*\.key-store\.dlq\n[^]*\.export-window\.dlq/,
  ],
  [`dlq show --topic ${letterTopic} --offset -1`, /an offset is a whole number/],
  [`dlq retry --topic ${letterTopic}`, /either --offset, for one letter, or --all/],
  [`dlq retry --topic ${letterTopic} --offset 1 --all`, /either --offset, for one letter, or --all/],
  [`dlq drop --topic ${letterTopic} --offset 1 --reason malformed`, /--reason picks among --all/],
  [`dlq drop --topic ${letterTopic} --all`, /every open letter of \S+\.key-store\.dlq[^]*--yes/],
  ["dlq list --limit 0", /from 1 to 99999/],
];
test.each(wrong)("wrong usage gets a clear answer and exit code 2: %s", async (command, message) => {
  const { exitCode, out, err } = await run(command.split(" ").filter(Boolean));
  expect(err).toMatch(message);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
});

describe("a file that is no public key is refused with the reason", () => {
  const privateKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  const cases: [string, string, RegExp][] = [
    ["a private key", String(privateKey.export({ type: "pkcs8", format: "pem" })), /got PRIVATE KEY/],
    ["another curve", aPublicKeyPem("secp384r1"), /expected the curve P-256/],
    ["RSA", String(rsa.export({ type: "spki", format: "pem" })), /expected an elliptic curve key/],
    ["anything", "hello", /expected one PEM block/],
  ];
  test.each(cases)("%s", async (name, content, message) => {
    const path = join(folder, `${name.replaceAll(" ", "-")}.pem`);
    writeFileSync(path, content);
    const { exitCode, err } = await run([
      ...authority.split(" "),
      "--key-version",
      "v1",
      "--public-key",
      path,
    ]);
    expect(err).toMatch(message);
    expect(exitCode).toBe(2);
  });
});

test("a signing key needs the master key, and no message shows a wrong one", async () => {
  const settings = { TEKSTREAM_KAFKA_BROKERS: "127.0.0.1:1", TEKSTREAM_REGISTRY_URL: "http://127.0.0.1:1" };
  const argv = "signing-key create --id k --key-id 310 --key-version v1".split(" ");
  const without = await run(argv, settings);
  expect(without).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("TEKSTREAM_MASTER_KEY: is required"),
  });
  const short = await run(argv, { ...settings, TEKSTREAM_MASTER_KEY: "c2VjcmV0" });
  expect(short).toMatchObject({ exitCode: 2, err: expect.stringContaining("it must have 32") });
  expect(short.err).not.toContain("c2VjcmV0");
});

test("the interval of a time is printed without a deployment", async () => {
  expect(await run(["interval", "2026-01-01T00:09:59Z"])).toEqual({ exitCode: 0, out: "2945376\n", err: "" });
});
