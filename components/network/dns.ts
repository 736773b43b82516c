/** The record of a host in the most specific of the zones: `{ zone: "example.com", name: "app" }`; `@` for the zone itself. */
export function zoneRecord(host: string, zones: readonly string[]): { zone: string; name: string } | undefined {
  const zone = zones
    .filter((candidate) => host === candidate || host.endsWith(`.${candidate}`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (zone === undefined) return undefined;
  return { zone, name: host === zone ? "@" : host.slice(0, -zone.length - 1) };
}
