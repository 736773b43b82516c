/** Names that the document gives. */
export const workloadName = "hermes-ipfs-cache";
export const databaseName = "ipfs_cache";
/** Where the published image fetches from unless it is told otherwise. */
export const publicGateway = "https://gateway.ipfs.io/ipfs/";
