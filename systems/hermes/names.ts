/** Names that the document gives. */
export const workloadName = "hermes-ipfs-cache";
export const databaseName = "ipfs_cache";
