/** The images of the parts that no system builds itself, pinned to a release; `platform.images` overrides one by name. */

/** Runs the data services and scripts of every system. */
export const defaultImages = {
  postgres: "postgres:16.11",
  rabbitmq: "rabbitmq:3.13.7-management",
  dbmate: "ghcr.io/amacneil/dbmate:2.28.0",
  kubectl: "registry.k8s.io/kubectl:v1.36.3",
  awsCli: "amazon/aws-cli:2.31.0",
};

export type Images = Readonly<Record<keyof typeof defaultImages, string>>;
