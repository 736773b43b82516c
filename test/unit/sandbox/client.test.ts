import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../../sandbox/control-plane/client.ts";
import { Authority } from "../../../sandbox/edge/authority.ts";
import { cleanUp, folder } from "../../support/servers/servers.ts";

describe("a client of the Kubernetes API", () => {
  let server: Server;
  let client: Client;
  afterEach(async () => {
    client.close();
    server.close();
    await cleanUp();
  });

  /** Starts a server that answers so many requests of each connection, and ends it at the next; returns its connections. */
  const start = async (answers: number) => {
    const authority = new Authority(join(folder("authority"), "authority"));
    const { certificate, key } = authority.issue(["localhost"]);
    const asked = new Map<Socket, number>();
    server = createServer({ cert: certificate, key }, ({ socket }, answer) => {
      const count = (asked.get(socket) ?? 0) + 1;
      asked.set(socket, count);
      if (count > answers) socket.destroy();
      else answer.end(`{"connection":${asked.size}}`);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    client = new Client(`https://localhost:${port}`, "token", authority.certificate);
    return asked;
  };

  it("asks again where a connection that was kept had ended", async () => {
    await start(2);
    for (const connection of [1, 1, 2, 2, 3]) expect(await client.call("GET", "/version")).toEqual({ connection });
    expect(await client.call("PATCH", "/x", { a: 1 })).toEqual({ connection: 3 });
    expect(await client.call("PATCH", "/x", { a: 1 })).toEqual({ connection: 4 });
  });

  it("asks once where a new one ends", async () => {
    const connections = await start(0);
    await expect(client.call("GET", "/version")).rejects.toThrow("socket hang up");
    expect(connections.size).toBe(1);
  });
});
