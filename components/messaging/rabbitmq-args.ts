import type * as pulumi from "@pulumi/pulumi";
import type { RabbitMqSetting } from "../../settings/slices/data-shapes/brokers.ts";
import type { ComponentArgs } from "../site/component.ts";
import type { Place } from "../site/namespace.ts";

/** Arguments of `RabbitMq`. */
export interface RabbitMqArgs extends Place, ComponentArgs {
  /** Kind of broker with its size, configuration and place: `rabbitmq` in the system's settings. */
  readonly setting: RabbitMqSetting;
  /**
   * Password from the stack's secrets: of a broker that exists already, which needs one; of one in the cluster, the one that its
   * clients have already.
   */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** `metadata.name` of the StatefulSet and its Service; for every kind that of the Secret that clients read. */
  readonly serverName: string;
  /** User of a broker in the cluster; an administrator with every permission on each virtual host. */
  readonly user: string;
  /** Names of the virtual hosts to make. One that is taken away here is not deleted in the broker. */
  readonly vhosts: readonly string[];
  /** Name of a Secret with the same keys that exists already, and is read in place of the one that would be made. @default - it is made */
  readonly existingSecret?: string | undefined;
  /** Content of the Secret beside `user`, `password`, `host` and `port`, by key. @default - nothing */
  readonly secretValues?: Record<string, string>;
}
