/**
 * Runs in a pod of Caracal's. `write <enough>` sends records to a topic and prints each that all replicas in sync have, until
 * the connection is lost, for twelve seconds at most after enough; `read` prints all that are there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";

const common = {
  clientId: "acknowledged",
  bootstrapBrokers: (process.env["KAFKA_BOOTSTRAP_SERVERS"] ?? "").split(","),
  connectTimeout: 5000,
};
const topic = "caracal.metering.events";
const mark = "acknowledged ";

if (process.argv[2] === "write") {
  const producer = new Producer({ ...common, serializers: stringSerializers, retries: 0 });
  let limit: NodeJS.Timeout | undefined;
  const run = Date.now();
  for (let i = 1; ;) {
    const record = `${run} ${i}`;
    try {
      await producer.send({ messages: [{ topic, value: `${mark}${record}` }], acks: -1, compression: "snappy" });
    } catch {
      if (limit !== undefined) process.exit();
      // Nobody leads yet.
      await sleep(500);
      continue;
    }
    console.log(record);
    if (i === Number(process.argv[3])) limit = setTimeout(() => process.exit(), 12_000);
    i += 1;
  }
}
const consumer = new Consumer({
  ...common,
  groupId: `acknowledged-${process.pid}`,
  deserializers: stringDeserializers,
});
const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
let idle = setTimeout(() => process.exit(), 15_000);
stream.on("data", ({ value }: { value: string }) => {
  if (value.startsWith(mark)) console.log(value.slice(mark.length));
  clearTimeout(idle);
  idle = setTimeout(() => process.exit(), 3000);
});
