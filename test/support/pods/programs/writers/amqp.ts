/**
 * Runs in a pod of Bow-Mark's. `write <enough>` sends persistent messages to a durable queue and prints each that the broker has confirmed,
 * until the connection is lost, for twelve seconds at most after enough; `read` prints all that are there, and takes none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";

/** Tries until the broker answers; who started this knows how long. */
async function connected() {
  for (;;) {
    try {
      return await connect(`amqp://${given("USER")}:${given("PASSWORD")}@${place}`);
    } catch (error) {
      if (!isWriting) throw error;
      await sleep(500);
    }
  }
}

const given = (name: string) => encodeURIComponent(process.env[`RABBITMQ_${name}`] ?? "");
const place = `${given("HOST")}:${given("PORT")}/${given("VHOST")}`;
const isWriting = process.argv[2] === "write";
const connection = await connected();
connection.on("error", () => undefined);
connection.on("close", () => process.exit());
const channel = await connection.createConfirmChannel();
if (isWriting) channel.on("error", () => process.exit());
const queue = "acknowledged";
await channel.assertQueue(queue, { durable: true });
if (isWriting) {
  const run = Date.now();
  for (let i = 1; ; i += 1) {
    const message = `${run} ${i}`;
    channel.sendToQueue(queue, Buffer.from(message), { persistent: true });
    await channel.waitForConfirms();
    if (i === Number(process.argv[3])) setTimeout(() => process.exit(), 12_000);
    console.log(message);
    // A reader must come to all of them in seconds.
    await sleep(5);
  }
}
for (;;) {
  // Never acknowledged, so that all are there again afterwards.
  const message = await channel.get(queue);
  if (message === false) break;
  console.log(message.content.toString());
}
await connection.close();
