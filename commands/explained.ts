/** An error whose message tells people all they need: what is wrong, and what to do. Commands print it and nothing else. */
export class Explained extends Error {}
