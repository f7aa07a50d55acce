import { dirname } from "node:path";
import type { Guest } from "../../../core/index.ts";
import { JAVA_STORE, javaStore } from "./java-store.ts";

/** Where the added certificates stand together in the guest, for programs that take a file of their own. */
export const ADDED_BUNDLE = "/usr/local/share/ca-certificates/cloche.crt";

const FOLDER = "/etc/ssl/certs";
const BUNDLE = `${FOLDER}/ca-certificates.crt`;

/** What programs that carry certificates of their own look at instead, each with the file that makes them trust what the system does. */
export const TRUST_VARIABLES: Readonly<Record<string, string>> = {
  NODE_EXTRA_CA_CERTS: ADDED_BUNDLE,
  DENO_CERT: ADDED_BUNDLE,
  SSL_CERT_FILE: BUNDLE,
  REQUESTS_CA_BUNDLE: BUNDLE,
  CURL_CA_BUNDLE: BUNDLE,
  GIT_SSL_CAINFO: BUNDLE,
  PIP_CERT: BUNDLE,
  CARGO_HTTP_CAINFO: BUNDLE,
  AWS_CA_BUNDLE: BUNDLE,
};

/**
 * Makes the guest trust the certificates, each in PEM: in Debian's bundle, which curl, git and most others read, by the hashed links
 * that OpenSSL itself looks for, and in Java's store where there is one. It is one command, since each takes a fifth of a second
 * under emulation; update-ca-certificates does the same and takes seconds.
 */
export async function trustInGuest(guest: Guest, certificates: readonly string[]): Promise<void> {
  const { stdout: bundle } = await guest.run(["sh", "-euc", SCRIPT], { input: `${certificates.join("\n")}\n` });
  if (bundle !== "") await guest.writeFile(JAVA_STORE, javaStore(bundle), 0o644);
}

const SCRIPT = `
umask 022
mkdir -p ${dirname(ADDED_BUNDLE)}
cat >${ADDED_BUNDLE}
cat ${ADDED_BUNDLE} >>${BUNDLE}
awk -v folder=${FOLDER} '/BEGIN CERTIFICATE/ { file = folder "/cloche-" count++ ".pem" } { print >file }' ${ADDED_BUNDLE}
for file in ${FOLDER}/cloche-*.pem; do
  hash=$(openssl x509 -noout -subject_hash -in "$file")
  number=0
  while [ -e "${FOLDER}/$hash.$number" ]; do number=$((number + 1)); done
  ln -s "$file" "${FOLDER}/$hash.$number"
done
if [ -e ${JAVA_STORE} ]; then cat ${BUNDLE}; fi
`;
