/** That the stand-ins refuse: each kind of fact under a pod that breaks it, and under one that does not. */
import { afterEach, expect, it } from "vitest";
import type { Check } from "../../sandbox/applications/facts/fact.ts";
import { leftRoots, run, takeDown, withKeys, type Given } from "./given.ts";
import { changesUser } from "./process.ts";

afterEach(takeDown);

const scratch = {
  spec: { volumeMounts: [{ name: "scratch", mountPath: "/tmp" }] },
  pod: { volumes: [{ name: "scratch", emptyDir: {} }] },
};
const url = (scheme: string, mode = "disable") => `${scheme}://a:b@c:5432/d?sslmode=${mode}`;
const reads: Check = { kind: "reads", path: "/keys/a.pem", begins: "-----BEGIN " };

interface Case {
  readonly what: string;
  readonly check: Check;
  readonly wrong: Given;
  readonly line: string;
  readonly right: Given;
}

const cases: Case[] = [
  {
    what: "a DATABASE_URL that begins with postgres://",
    check: { kind: "matches", variable: "DATABASE_URL", pattern: "^postgresql://" },
    wrong: { env: { DATABASE_URL: url("postgres") } },
    line: "DATABASE_URL is not ^postgresql://",
    right: { env: { DATABASE_URL: url("postgresql") } },
  },
  {
    what: "variables that are not set, or empty",
    check: { kind: "requires", variables: ["A", "B"] },
    wrong: { env: { A: "" } },
    line: "A, B not set",
    right: { env: { A: "1", B: "2" } },
  },
  {
    what: "a mail server's port that does not speak TLS at once",
    check: { kind: "forbids", variable: "EMAIL_PORT", pattern: "^587$" },
    wrong: { env: { EMAIL_PORT: "587" } },
    line: "EMAIL_PORT is ^587$",
    right: { env: { EMAIL_PORT: "465" } },
  },
  {
    what: "a number with a unit",
    check: { kind: "integers", variables: ["TIMEOUT"] },
    wrong: { env: { TIMEOUT: "5s" } },
    line: "TIMEOUT not a whole number",
    right: { env: { TIMEOUT: "5" } },
  },
  {
    what: "a product that is too small",
    check: { kind: "atLeast", variables: ["RETRIES", "EVERY"], number: 60 },
    wrong: { env: { RETRIES: "5", EVERY: "10" } },
    line: "RETRIES × EVERY is 50, not 60",
    right: { env: { RETRIES: "6", EVERY: "10" } },
  },
  {
    what: "what is no URL",
    check: { kind: "url", variable: "SEARCH_HOST", schemes: ["https"] },
    wrong: { env: { SEARCH_HOST: "search/path" } },
    line: "SEARCH_HOST has scheme none",
    right: { env: { SEARCH_HOST: "https://search/path" } },
  },
  {
    what: "a password that a URL would need escaped",
    check: { kind: "composes", variables: ["PASSWORD"] },
    wrong: { env: { PASSWORD: "a/b" } },
    line: "PASSWORD cannot stand in a URL as it is",
    right: { env: { PASSWORD: "a-b" } },
  },
  {
    what: "a variable that nothing reads",
    check: { kind: "instead", unread: "DB_SSLMODE", read: "PGSSLMODE" },
    wrong: { env: { DB_SSLMODE: "require" } },
    line: "DB_SSLMODE is set, and only PGSSLMODE is read",
    right: { env: { DB_SSLMODE: "require", PGSSLMODE: "require" } },
  },
  {
    what: "a database that asks for TLS, without an authority",
    check: { kind: "noTls", variable: "DATABASE_URL" },
    wrong: { env: { DATABASE_URL: url("postgresql", "require") } },
    line: "sslmode=require, and the driver has no TLS",
    right: { env: { DATABASE_URL: url("postgresql", "require"), PGSSLROOTCERT: "/ca.crt" } },
  },
  {
    what: "a file that is not mounted",
    check: reads,
    wrong: {},
    line: "cannot read /keys/a.pem: ENOENT",
    right: withKeys(0o440),
  },
  {
    what: "a file that is something else",
    check: { ...reads, begins: "-----BEGIN Y" },
    wrong: withKeys(0o440),
    line: "cannot read /keys/a.pem: it does not begin with -----BEGIN Y",
    right: { ...withKeys(0o440), orders: { facts: [] } },
  },
  {
    what: "a folder that is not mounted to be written",
    check: { kind: "writes", folder: "$HOME/.npm" },
    wrong: { ...scratch, env: { HOME: "/home/node" } },
    line: "cannot write to /home/node/.npm: EACCES",
    right: { ...scratch, env: { HOME: "/tmp" } },
  },
  {
    what: "too little memory",
    check: { kind: "memory", mebibytes: 2048 },
    wrong: { orders: { mebibytes: 1024 } },
    line: "killed: 2048 MiB wanted, 1024 allowed",
    right: { orders: { mebibytes: 2048 } },
  },
  {
    what: "a command that the image does not know",
    check: { kind: "command", forbids: "\\bnpx\\b", needs: "migrate", why: "no such thing" },
    wrong: { orders: { command: ["npx", "migrate"] } },
    line: "no such thing",
    right: { orders: { command: ["migrate"] } },
  },
  {
    what: "the command of an image that ends at once",
    check: { kind: "unusable", why: "no entry point" },
    wrong: {},
    line: "no entry point",
    right: { orders: { command: ["another"] } },
  },
];

it.each(cases.map((one) => [one.what, one] as const))("a stand-in refuses %s", async (_, one) => {
  const { check, wrong, line, right } = one;
  await expect(run([check], wrong)).rejects.toThrow(`refused: ${line}`);
  await expect(run([check], right)).resolves.toBeDefined();
});

it.skipIf(!changesUser)("a stand-in cannot read what only root may", async () => {
  await expect(run([reads], withKeys(0o400))).rejects.toThrow("refused: cannot read /keys/a.pem: EACCES");
});

it("a stand-in leaves no folder behind", () => {
  expect(leftRoots()).toEqual([]);
});
