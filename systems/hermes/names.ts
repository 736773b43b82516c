/** Names from the plan "Deploy hermes-ipfs-cache". */
export const workloadName = "hermes-ipfs-cache";
export const databaseName = "ipfs_cache";
/** IPFS gateway that the published image uses if its variable is not set. */
export const publicGateway = "https://gateway.ipfs.io/ipfs/";
