/** Names, ports and paths from the deployment guide. */
export const databaseName = "gx_protocol";
export const ports = { api: 3001, outbox: 9090, projector: 9091 };
/** Folder of the certificates and the key for Fabric, in the workers' containers. */
export const fabricPath = "/etc/fabric";
