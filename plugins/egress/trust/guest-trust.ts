import { dirname } from "node:path";
import type { Guest } from "../../../core/index.ts";
import { JAVA_STORE, javaStore } from "./java-store.ts";
import { subjectHash } from "./subject-hash.ts";

/** Where the added certificates stand together in the guest, for programs that take a file of their own. */
export const ADDED_BUNDLE = "/usr/local/share/ca-certificates/cloche.crt";

const FOLDER = "/etc/ssl/certs";
const BUNDLE = `${FOLDER}/ca-certificates.crt`;
const CHROMIUM_POLICIES = "/etc/chromium/policies/managed";

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
 * that OpenSSL itself looks for, in Java's store where there is one, and by a policy of Chromium's, which reads none of these. It is one
 * command that starts no other program, since each takes a tenth of a second under emulation; update-ca-certificates takes seconds.
 * What it added before to a machine that goes on is gone then.
 */
export async function trustInGuest(guest: Guest, certificates: readonly string[]): Promise<void> {
  const argv = ["sh", "-euc", SCRIPT, "sh", ...certificates.map(subjectHash)];
  const { stdout: bundle } = await guest.run(argv, { input: `${certificates.join("\n")}\n`, as: "trust" });
  if (bundle !== "") await guest.writeFile(JAVA_STORE, javaStore(bundle), 0o644);
}

// A hashed link leads to one certificate; only where there are several must they be taken apart. In a machine that goes on some were added
// before, of which the gateway's own is nobody's any more: they are taken away where they still stand, at the end.
const SCRIPT = `
umask 022
if [ -e ${ADDED_BUNDLE} ]; then
  size=$(wc -c <${ADDED_BUNDLE})
  if tail -c "$size" ${BUNDLE} | cmp -s - ${ADDED_BUNDLE}; then
    all=$(wc -c <${BUNDLE})
    truncate -s $((all - size)) ${BUNDLE}
  fi
fi
[ -d ${dirname(ADDED_BUNDLE)} ] || mkdir -p ${dirname(ADDED_BUNDLE)}
cat >${ADDED_BUNDLE}
cat ${ADDED_BUNDLE} >>${BUNDLE}
[ $# -eq 1 ] || awk -v folder=${FOLDER} '/BEGIN CERTIFICATE/ { file = folder "/cloche-" count++ ".pem" } { print >file }' ${ADDED_BUNDLE}
count=$#
[ $# -gt 1 ] || count=0
while [ -e ${FOLDER}/cloche-$count.pem ]; do
  rm ${FOLDER}/cloche-$count.pem
  count=$((count + 1))
done
count=0
for hash; do
  file=${ADDED_BUNDLE}
  [ $# -eq 1 ] || file=${FOLDER}/cloche-$count.pem
  number=0
  while [ -e "${FOLDER}/$hash.$number" ] && ! [ "${FOLDER}/$hash.$number" -ef "$file" ]; do number=$((number + 1)); done
  [ -e "${FOLDER}/$hash.$number" ] || ln -sf "$file" "${FOLDER}/$hash.$number"
  count=$((count + 1))
done
if [ -d /etc/chromium ]; then
  mkdir -p ${CHROMIUM_POLICIES}
  awk 'BEGIN { printf "{\\"CACertificates\\": [" } /BEGIN/ { printf "%s\\"", comma; comma = ", "; next } /END/ { printf "\\""; next } { printf "%s", $0 } END { print "]}" }' ${ADDED_BUNDLE} >${CHROMIUM_POLICIES}/cloche.json
fi
if [ -e ${JAVA_STORE} ]; then cat ${BUNDLE}; fi
`;
