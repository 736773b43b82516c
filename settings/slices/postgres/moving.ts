/** What a system's workloads do while data moves from one PostgreSQL server to another. Pure. */
import type { PostgresSetting } from "../data-services.ts";
import type { Notice } from "../facts.ts";
import type { Shape } from "../shape.ts";

type Shapes = Readonly<Record<string, Shape>>;

/**
 * The shapes of a system as long as it has two servers. While one is copied into the other, whatever opens connections to
 * PostgreSQL has no pods. Afterwards what an autoscaler scales is started by a number, because an autoscaler leaves zero alone.
 */
export function whileMoving(database: PostgresSetting | undefined, shapes: Shapes): Shapes {
  const beside = database?.beside;
  if (beside === undefined) return shapes;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, one]): [string, Shape] => {
      if (!usesPostgres(one)) return [name, one];
      const { replicas } = one;
      if (beside.step === "copy") return [name, { ...one, replicas: 0 }];
      return [
        name,
        typeof replicas === "number" ? one : { ...one, replicas: { ...replicas, startsWith: replicas.min } },
      ];
    }),
  );
}

/** What the preview says of a stack whose data is moving. */
export function movingNotices(database: PostgresSetting | undefined, shapes: Shapes): Notice[] {
  const path = "database.beside.step";
  switch (database?.beside?.step) {
    case "copy": {
      const stopped = Object.keys(shapes).filter((name) => shapes[name] !== undefined && usesPostgres(shapes[name]));
      const text = `stops ${stopped.join(", ")} until it says something else; all of PostgreSQL is copied meanwhile`;
      return [{ path, text }];
    }
    case "release":
      return [
        { path, text: "takes the protection from the server beside; without `beside` the next update takes it away" },
      ];
    case "keep":
    case undefined:
      return [];
  }
}

function usesPostgres({ kind, connections }: Shape): boolean {
  return kind === "deployment" && connections > 0;
}
