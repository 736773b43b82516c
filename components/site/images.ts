import type { PlatformSetting } from "../../settings/platform.ts";

/**
 * Images of data services, and of the scripts around them, pinned to a release. `platform.images` overrides one by its
 * key.
 */
export const defaultImages = {
  /** By major version of the server; its clients (dumps, migrations) run the same one. */
  postgres: {
    "14": "postgres:14.20",
    "15": "postgres:15.15",
    "16": "postgres:16.11",
    "17": "postgres:17.7",
    "18": "postgres:18.1",
  },
  rabbitmq: "rabbitmq:3.13.7-management",
  redis: "redis:7.4.5-alpine",
  // The last line with ZooKeeper: from 8 on these images know KRaft only.
  zookeeper: "confluentinc/cp-zookeeper:7.9.2",
  kafka: "confluentinc/cp-kafka:7.9.2",
  schemaRegistry: "confluentinc/cp-schema-registry:7.9.2",
  dbmate: "ghcr.io/amacneil/dbmate:2.28.0",
  kubectl: "registry.k8s.io/kubectl:v1.36.3",
  // The image of `kubectl` has no shell to run scripts in.
  kubectlShell: "alpine/k8s:1.36.3",
  awsCli: "amazon/aws-cli:2.31.0",
};

/** Image reference by component, each with its tag: the pinned ones, with the stack's overrides in their place. */
export type Images = Readonly<
  Record<Exclude<keyof typeof defaultImages, "postgres">, string> & {
    postgres: Record<keyof typeof defaultImages.postgres, string>;
  }
>;

/** The pinned images, with those of `platform.images` in their place. */
export function imagesOf({ postgres, ...images }: PlatformSetting["images"]): Images {
  return {
    ...defaultImages,
    ...Object.fromEntries(Object.entries(images)),
    postgres: { ...defaultImages.postgres, ...postgres },
  };
}

/** References of all pinned images, as a stack has them: those that no team has to push. */
export function pinnedImages(setting: PlatformSetting["images"]): Set<string> {
  const { postgres, ...others } = imagesOf(setting);
  return new Set([...Object.values(others), ...Object.values(postgres)]);
}
