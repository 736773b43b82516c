/** A program that starts a machine, or a whole cluster, in a folder, says so, and stays: `machine` or `cluster`, and the folder. */
import { join } from "node:path";
import { Images } from "../../../../sandbox/images/images.ts";
import { startRealCluster } from "../../../../sandbox/node/cluster.ts";
import { Machine } from "../../../../sandbox/node/machine.ts";
import { startRegistry } from "../../../../sandbox/registry.ts";

const [what = "", folder = ""] = process.argv.slice(2);
console.log("begun");
if (what === "machine") await Machine.start(folder, "held");
else {
  const images = new Images();
  await images.prepare([]);
  await startRealCluster(join(folder, "cluster"), await startRegistry(folder, images), { kinds: () => [] });
}
console.log("up");
setInterval(() => undefined, 1000);
