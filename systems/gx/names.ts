/** Names, ports and paths that the document gives. */
export const databaseName = "gx_protocol";
export const ports = { api: 3001, outbox: 9090, projector: 9091 };
/** Where the workers find the three Fabric files. */
export const fabricPath = "/etc/fabric";
