import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificates } from "./certificates.js";

/** An address that is reached by TLS. */
export interface SecuredFront {
  readonly port: number;
  stop(): void;
}

/**
 * What an operator puts in front of a registry or an object store that speaks plain HTTP: it ends TLS, and where there
 * is a user asks for the password.
 */
export async function securedFront(
  certificates: Certificates,
  target: string,
  basic?: { user: string; password: string },
): Promise<SecuredFront> {
  const { hostname, port } = new URL(target);
  const wanted = basic && `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString("base64")}`;
  const server = createServer(
    { cert: certificates.certificatePem, key: certificates.keyPem },
    (asked, answer) => {
      if (wanted !== undefined && asked.headers.authorization !== wanted) {
        answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
        return;
      }
      const { authorization: _basic, ...others } = asked.headers;
      const headers = wanted === undefined ? asked.headers : others;
      const passed = request(
        { hostname, port, method: asked.method, path: asked.url, headers },
        (answered) => {
          answer.writeHead(answered.statusCode ?? 502, answered.headers);
          answered.pipe(answer);
        },
      );
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
