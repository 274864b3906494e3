import { connect, createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { Unavailable } from "../process/outcomes.js";
import { available } from "./connect-view.js";

describe("an operation on the view", () => {
  test("fails for now when the socket was ended while the driver was about to write", async () => {
    const operation = (): Promise<never> => Promise.reject(endedSocketError);
    const endedSocketError = await errorOfEndedSocket();
    expect(endedSocketError).toMatchObject({ code: "EPIPE" });
    await expect(available(operation)).rejects.toThrow(Unavailable);
  });

  test("fails for good by a fault of ours", async () => {
    const fault = Object.assign(new TypeError("a fault"), { code: "ERR_INVALID_ARG_TYPE" });
    await expect(available(() => Promise.reject(fault))).rejects.toBe(fault);
  });
});

/** What a write gives after the other party has ended the connection, as the driver hands it on. */
async function errorOfEndedSocket(): Promise<unknown> {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const error = await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", resolve);
    socket.once("finish", () => socket.write("a command"));
    socket.resume();
  });
  server.close();
  return error;
}
