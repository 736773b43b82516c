/** Routes for topics of managed Kafka. */
import { z } from "zod";
import type { Account } from "../account.ts";
import type { Database } from "../resources.ts";
import type { Routes } from "../router.ts";
import { created, done, fields, found, notFound, ok, refuse, type Call } from "../answers.ts";
import { topicChangeRefusal, topicRefusal } from "../rules/databases.ts";

const shape = {
  partition_count: z.number().int().default(3),
  replication_factor: z.number().int().default(2),
  config: z.looseObject({}).nullish(),
};

export const kafkaTopics: Routes = {
  "POST /v2/databases/:id/topics": (call, account) => {
    const one = found(account.databases, call.params["id"]);
    const asked = fields({ ...shape, name: z.string() }, call.body);
    refuse(topicRefusal(one, asked));
    const made = {
      ...{ name: asked.name, partitions: asked.partition_count, replication_factor: asked.replication_factor },
      config: asked.config ?? {},
    };
    one.topics.push(made);
    return created({ topic: answerOf(made) });
  },
  "GET /v2/databases/:id/topics/:name": (call, account) => ok({ topic: answerOf(topicOf(call, account)) }),
  "PUT /v2/databases/:id/topics/:name": (call, account) => {
    const one = topicOf(call, account);
    const asked = fields(shape, call.body);
    refuse(topicChangeRefusal(one, asked));
    const { partition_count, replication_factor, config } = asked;
    Object.assign(one, { partitions: partition_count, replication_factor, config: config ?? {} });
    return ok({ topic: answerOf(one) });
  },
  "DELETE /v2/databases/:id/topics/:name": (call, account) => {
    const gone = topicOf(call, account);
    const one = found(account.databases, call.params["id"]);
    one.topics = one.topics.filter((each) => each !== gone);
    return done;
  },
};

type Topic = Database["topics"][number];

/** A topic as the API returns it. The provider takes the length of `partitions` for their number. */
function answerOf({ name, partitions, replication_factor, config }: Topic): object {
  const each = Array.from({ length: partitions }, (_, id) => ({ id, size: 0, in_sync_replicas: replication_factor }));
  return { name, state: "active", replication_factor, partitions: each, config };
}

function topicOf({ params }: Call, account: Account): Topic {
  const one = found(account.databases, params["id"]).topics.find(({ name }) => name === params["name"]);
  if (one === undefined) throw notFound();
  return one;
}
