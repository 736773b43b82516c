/** The images of the parts that no system builds itself, pinned to a release; `platform.images` overrides one by name. */
/** Runs the data services and scripts of every system. */
export const defaultImages = {
  /** By major version: clients have that of their server. */
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
  // The one above has no shell for scripts.
  kubectlShell: "alpine/k8s:1.36.3",
  awsCli: "amazon/aws-cli:2.31.0",
};

export type Images = Readonly<
  Record<Exclude<keyof typeof defaultImages, "postgres">, string> & {
    postgres: Record<keyof typeof defaultImages.postgres, string>;
  }
>;
