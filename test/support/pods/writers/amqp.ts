/**
 * Runs in a pod of Bow-Mark's. `write` sends persistent messages to a durable queue and prints each number that the broker has
 * confirmed, until the connection is lost; `read` prints all that are there.
 */
import { connect } from "amqplib";

const given = (name: string) => encodeURIComponent(process.env[`RABBITMQ_${name}`] ?? "");
const place = `${given("HOST")}:${given("PORT")}/${given("VHOST")}`;
const connection = await connect(`amqp://${given("USER")}:${given("PASSWORD")}@${place}`);
const isWriting = process.argv[2] === "write";
connection.on("error", () => undefined);
connection.on("close", () => process.exit());
const channel = await connection.createConfirmChannel();
if (isWriting) channel.on("error", () => process.exit());
const queue = "acknowledged";
await channel.assertQueue(queue, { durable: true });
if (isWriting) {
  process.once("SIGTERM", () => process.exit());
  for (let i = 1; ; i += 1) {
    channel.sendToQueue(queue, Buffer.from(String(i)), { persistent: true });
    await channel.waitForConfirms();
    console.log(i);
  }
}
for (;;) {
  const message = await channel.get(queue, { noAck: true });
  if (message === false) break;
  console.log(message.content.toString());
}
await connection.close();
