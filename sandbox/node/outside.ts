/**
 * What is outside the cluster: a network behind the node, where every TCP port of every address leads to this program. The
 * cluster's name server gives one of the addresses for every name that is not the cluster's.
 */
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** IPv4 address, of the range for documentation, so that no policy takes it for a private one. Source: RFC 5737. */
export const outsideAddress = "203.0.113.10";

/** IPv4 addresses there that have servers of their own: Spaces, an ACME server, and the name server of all names outside. */
export const serverAddresses = { spaces: "203.0.113.11", acme: "203.0.113.12", names: "203.0.113.53" } as const;

/** Path of this program. */
export const outsideServer = fileURLToPath(import.meta.url);

if (import.meta.main) {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\noutside";
  createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      if (/^[A-Z]+ \S+ HTTP\/1/.test(data.toString("latin1"))) socket.write(answer);
    });
  }).listen(8080);
}
