/** Requests that an edge takes for what they are not, unless it is strict. */

/**
 * What each is, its text, and the status that refuses it.
 *
 * @param host whose connection they come over
 * @param other host with routes of its own
 */
export function crooked(host: string, other: string): [what: string, text: string, status: number][] {
  const requests: [string, string, number][] = [
    ["two lengths", "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400],
    [
      "a length beside chunks",
      "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["an unknown encoding", "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: xchunked\r\n\r\n", 501],
    ["a space in a header's name", "GET / HTTP/1.1\r\nhost : HOST\r\n\r\n", 400],
    ["headers of 70 kB", `GET / HTTP/1.1\r\nhost: HOST\r\nbig: ${"a".repeat(70_000)}\r\n\r\n`, 431],
    ["two hosts", `GET / HTTP/1.1\r\nhost: HOST\r\nhost: ${other}\r\n\r\n`, 404],
    ["a target of another host", `GET http://${other}/ HTTP/1.1\r\nhost: HOST\r\n\r\n`, 404],
    ["a hidden path as a whole target", "GET https://HOST/METRICS HTTP/1.1\r\nhost: HOST\r\n\r\n", 404],
  ];
  return requests.map(([what, text, status]) => [what, text.replaceAll("HOST", host), status]);
}
