/** A destination that a workload may connect to. */
export interface Connection {
  /**
   * `pods` of this program, pods of a `neighbour` that this program does not make, a `managed` service in the VPC, `private`
   * addresses, a service `outside` on the internet, or the API server.
   */
  readonly kind: "pods" | "neighbour" | "managed" | "private" | "outside" | "kubernetes-api";
  /** Name of the destination, `postgres`; for a neighbour with its namespace before it, `fabric/peer0-org1`. */
  readonly target: string;
  /** TCP ports of the destination. */
  readonly ports: readonly number[];
}
