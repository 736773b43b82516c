/**
 * What becomes of data. It is `new`; `stays`; `stays unmanaged`, because Pulumi forgets it; `comes back`, where what is made
 * anew takes the same data; what takes its place `starts empty`; it is `lost`; or the update is `refused`, so that nothing
 * happens to it.
 */
export type Fate = "new" | "stays" | "stays unmanaged" | "comes back" | "starts empty" | "lost" | "refused";
