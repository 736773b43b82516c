/** What the rules between settings look at. */
import { servedHosts, systemSlice } from "../../settings/slices/system.ts";
import { minifluxSecrets, minifluxSetting } from "./settings.ts";
import { minifluxShapes } from "./shapes.ts";

export const minifluxSlice = systemSlice({
  setting: minifluxSetting,
  secrets: minifluxSecrets,
  shapes: minifluxShapes,
  differences: [],
  facts: ({ host }) => servedHosts({ host }, "edge"),
});
