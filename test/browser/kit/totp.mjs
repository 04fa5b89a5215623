// Six digits as an authenticator app shows them (RFC 6238, SHA-1, 30 seconds).
import { createHmac } from "node:crypto";

export function totp(secret, at = Date.now()) {
  const bits = [...secret.toUpperCase().replace(/[^A-Z2-7]/g, "")]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const n = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(n % 1_000_000).padStart(6, "0");
}
