import { connect, Server, type AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { freePorts } from "../../../sandbox/processes.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("free ports are found, though somebody who looks for another server connects meanwhile, and writes", async () => {
  const close = Reflect.get(Server.prototype, "close");
  vi.spyOn(Server.prototype, "close").mockImplementation(function (this: Server, done) {
    this.once("connection", () => close.call(this, done));
    const client = connect((this.address() as AddressInfo).port, "127.0.0.1", () =>
      client.end("GET / HTTP/1.1\r\n\r\n"),
    );
    client.on("error", () => undefined);
    return this;
  });
  expect(new Set(await freePorts(3)).size).toBe(3);
}, 10_000);
