import type { RecipeFile } from "../../../core/index.ts";

// a bundle file of a container that is bound over could not be replaced by that container's own tools; a new name can be pointed at
const WRAPPER = `#!/usr/lib/cloche/busybox sh
# Gives each container and each step of a build the certificate authorities of this guest: beside the container's own, by the usual
# variables, unless it sets them itself. Nothing of it stays in an image: /dev is made anew for each container.
added=/usr/local/share/ca-certificates/cloche.crt
for word; do
  case $previous in --bundle | -b) bundle=$word ;; esac
  case $word in create | run) starts=yes ;; esac
  previous=$word
done
if [ -n "$starts" ] && [ -s "$added" ] && [ -s "$bundle/config.json" ]; then
  jq --rawfile names /usr/lib/cloche/authority-variables '
    ($names | split("\\n") | map(select(. != ""))) as $variables
    | (.process.env // [] | map(split("=")[0])) as $present
    | .process.env += [$variables[] | select(. as $name | $present | index($name) | not) | . + "=/dev/cloche/authorities.crt"]
    | .mounts += [{destination: "/dev/cloche/authorities.crt", type: "bind", source: "/etc/ssl/certs/ca-certificates.crt", options: ["rbind", "ro"]}]
  ' "$bundle/config.json" >"$bundle/config.json.cloche" && mv "$bundle/config.json.cloche" "$bundle/config.json"
fi
exec /usr/sbin/runc "$@"
`;

/** Variables by which common clients take a bundle of certificate authorities. */
const AUTHORITY_VARIABLES = [
  "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "DENO_CERT",
  "CARGO_HTTP_CAINFO", "NIX_SSL_CERT_FILE",
];

/** What stands before `runc`, and the names that it needs. */
export const RUNC_FILES: readonly RecipeFile[] = [
  { path: "/usr/local/sbin/runc", content: WRAPPER, mode: 0o755 },
  { path: "/usr/lib/cloche/authority-variables", content: `${AUTHORITY_VARIABLES.join("\n")}\n` },
];
