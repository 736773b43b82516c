import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

const iterations = 4096;

/**
 * PostgreSQL's stored form of a password (RFC 5803): what `ALTER ROLE … PASSWORD` takes in place of the password itself, so
 * that the plain text never reaches the server's log.
 *
 * @param salt 16 bytes, the same at each run or every run would change the role
 */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
