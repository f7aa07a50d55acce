import { createHash, X509Certificate } from "node:crypto";

/** Where Debian's Java packages keep what every JVM trusts. */
export const JAVA_STORE = "/etc/ssl/certs/java/cacerts";

// Sun's JKS, as sun.security.provider.JavaKeyStore reads it; a JVM takes it whatever its default type is.
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const PASSWORD = "changeit"; // Java's own for this file; it protects nothing
const SALT = "Mighty Aphrodite";
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g;

/** A Java key store that trusts the certificates of a bundle in PEM. keytool would do it too, and take seconds under emulation. */
export function javaStore(bundle: string): Buffer {
  const certificates = bundle.match(CERTIFICATE) ?? [];
  const entries = certificates.map((pem, index) => {
    const { raw } = new X509Certificate(pem);
    return Buffer.concat([uint32(TRUSTED_CERTIFICATE), utf(`certificate-${index}`), Buffer.alloc(8), utf("X.509"), uint32(raw.length), raw]);
  });
  const body = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries]);
  const digest = createHash("sha1").update(Buffer.from(PASSWORD, "utf16le").swap16()).update(SALT).update(body).digest();
  return Buffer.concat([body, digest]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function utf(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, "ascii")]);
}
