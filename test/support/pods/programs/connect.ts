/**
 * A program that tries TCP connections, all at once: `host:port` as arguments. It prints those that came about, a line each.
 * It is run in the network of a pod.
 */
import { connect } from "node:net";

const patienceMs = 2000;

await Promise.all(
  process.argv.slice(2).map(
    (target) =>
      new Promise<void>((resolve) => {
        const at = target.lastIndexOf(":");
        const socket = connect(Number(target.slice(at + 1)), target.slice(0, at));
        const end = () => {
          socket.destroy();
          resolve();
        };
        // One that came about while this process had no turn is heard of first.
        socket.setTimeout(patienceMs, () => setImmediate(end));
        socket.once("error", end);
        socket.once("connect", () => {
          console.log(target);
          end();
        });
      }),
  ),
);
