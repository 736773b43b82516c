/** What differs between the two apps. Names are from the document, or from the public code of its revision. */
export const apps = {
  paving: {
    title: "Paving",
    suffix: "",
    image: "bow-mark-client",
    searchGroup: "bow-mark-paving",
    database: "bowmark_reports_paving",
    databaseKey: "dbPaving",
    vhost: "bowmark",
    vhostKey: "vhost",
    serverPort: 8080,
    clientPort: 3000,
  },
  concrete: {
    title: "Concrete",
    suffix: "-concrete",
    image: "bow-mark-concrete-client",
    searchGroup: "bow-mark-concrete",
    database: "bowmark_reports_concrete",
    databaseKey: "dbConcrete",
    vhost: "bowmark-concrete",
    vhostKey: "vhostConcrete",
    serverPort: 8081,
    clientPort: 3001,
  },
} as const;

export type App = keyof typeof apps;

export const appNames = Object.keys(apps) as App[];

/** `metadata.name` of a Deployment. */
export function workloadName(kind: "server" | "worker" | "consumer" | "client", app: App): string {
  return `${kind}${apps[app].suffix}-deployment`;
}

/** Deployments that are restarted every night, because their connections may break without being noticed. */
export const nightlyRestarted = (["worker", "consumer"] as const).flatMap((kind) =>
  appNames.map((app) => workloadName(kind, app)),
);
