import type { Guest } from "../../../core/index.ts";

/** Where the added certificates stand together in the guest, for programs that take a file of their own. */
export const ADDED_BUNDLE = "/usr/local/share/ca-certificates/cloche.crt";

const FOLDER = "/etc/ssl/certs";

/**
 * Makes the guest trust the certificates: in Debian's bundle, which curl, git and most others read, and by the hashed links
 * that OpenSSL itself looks for. update-ca-certificates does the same and takes seconds under emulation.
 */
export async function trustInGuest(guest: Guest, certificates: readonly string[]): Promise<void> {
  await guest.writeFile(ADDED_BUNDLE, `${certificates.join("\n")}\n`, 0o644);
  for (const [index, pem] of certificates.entries()) await guest.writeFile(`${FOLDER}/cloche-${index}.pem`, `${pem}\n`, 0o644);
  await guest.run(["sh", "-euc", SCRIPT]);
}

const SCRIPT = `
cat ${ADDED_BUNDLE} >>${FOLDER}/ca-certificates.crt
for file in ${FOLDER}/cloche-*.pem; do
  hash=$(openssl x509 -noout -subject_hash -in "$file")
  number=0
  while [ -e "${FOLDER}/$hash.$number" ]; do number=$((number + 1)); done
  ln -s "$file" "${FOLDER}/$hash.$number"
done
`;
