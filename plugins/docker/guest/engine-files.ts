import type { RecipeFile } from "../../../core/index.ts";

/** Where the engine's own messages go. */
export const LOG = "/run/cloche-docker.log";

/** The unit that runs the engine; nothing starts it but the session, when all that it reads at its start is in place. */
export const UNIT = "cloche-docker.service";

const COMMON = `StandardOutput=append:${LOG}
StandardError=append:${LOG}
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TimeoutStartSec=infinity
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=0
TasksMax=infinity
Delegate=yes
KillMode=process
OOMPolicy=continue`;

const ENGINE = `[Unit]
Description=Docker engine
DefaultDependencies=no

[Service]
Type=notify
ExecStart=/usr/sbin/dockerd
${COMMON}
`;

// Standard input: a line with the most that the store may take of the RAM, then the engine's configuration.
const STARTER = `#!/bin/sh
# docker-start STORE: gives the engine its store and its configuration, and starts it.
set -eu
umask 022
read -r size
mkdir -p "$1" /etc/docker
cat >/etc/docker/daemon.json
if mountpoint -q /scratch; then
  mkdir -p /scratch/.docker
  mount --bind /scratch/.docker "$1"
else
  mount -t tmpfs -o "size=$size" docker "$1"
fi
chmod 0710 "$1"
exec systemctl start --no-block ${UNIT}
`;

/** The engine's unit and what starts it. */
export const ENGINE_FILES: readonly RecipeFile[] = [
  { path: `/usr/lib/systemd/system/${UNIT}`, content: ENGINE },
  { path: "/usr/lib/cloche/docker-start", content: STARTER, mode: 0o755 },
];
