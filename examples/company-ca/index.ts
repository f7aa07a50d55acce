import { readFile } from "node:fs/promises";
import { X509Certificate } from "node:crypto";
import { definePlugin, failures, messageOf, z } from "cloche";

const fail = failures({
  COMPANY_CA_UNREADABLE: (f: { file: string; reason: string }) => ({
    message: `The certificates in ${f.file} cannot be used: ${f.reason}`,
    hint: "Name a PEM file with one or more certificates in `companyCa.certificates`.",
  }),
});

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const MOST_CERTIFICATES = 200;

/** Trusts a company's own certificate authorities in the guest, as the company's other machines do. */
export default definePlugin({
  name: "company-ca",
  api: 1,
  section: "companyCa",
  description: "Trusts the certificate authorities of a company in the guest.",
  options: z.strictObject({
    certificates: z
      .array(z.string().regex(/^\//, "Write an absolute path"))
      .default([])
      .describe("PEM files on the host with the authorities' certificates"),
  }),

  async build(recipe, { options }) {
    const found = (await Promise.all(options.certificates.map(certificatesIn))).flat();
    if (found.length === 0) return;
    recipe.addPackages("ca-certificates");
    // Debian makes its bundle from the files there, one certificate each
    for (const { pem, name } of found) recipe.addFile({ path: `/usr/local/share/ca-certificates/company-${name}.crt`, content: `${pem}\n` });
    recipe.addCommand("update-ca-certificates");
  },

  attach(launch, { options }) {
    // Node has a list of its own, unless told so; this is since 22.19 and 24.6
    if (options.certificates.length > 0) launch.addEnvironment("NODE_USE_SYSTEM_CA", "1");
  },
});

async function certificatesIn(file: string): Promise<readonly { readonly pem: string; readonly name: string }[]> {
  try {
    const found = (await readFile(file, "utf8")).match(CERTIFICATE) ?? [];
    if (found.length === 0) throw new Error("there is no certificate in it");
    if (found.length > MOST_CERTIFICATES) throw new Error(`there are more than ${MOST_CERTIFICATES} in it`);
    return found.map((pem) => ({ pem, name: nameOf(new X509Certificate(pem)) }));
  } catch (cause) {
    throw fail("COMPANY_CA_UNREADABLE", { file, reason: messageOf(cause) }, { cause });
  }
}

/** Only authorities may be trusted as such; the name is that of the content. */
function nameOf(certificate: X509Certificate): string {
  if (!certificate.ca) throw new Error(`${certificate.subject.split("\n").at(-1) ?? "one of them"} is no authority`);
  return certificate.fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase();
}
