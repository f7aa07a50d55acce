import type { RecipeFile } from "../../../core/index.ts";

/** Where the engine's own messages go. */
export const LOG = "/run/cloche-docker.log";

/** The unit that runs the engine; nothing starts it but the session, when all that it reads at its start is in place. */
export const UNIT = "cloche-docker.service";

/** Where the engine listens when it runs as the agent's user. */
export const ROOTLESS_SOCKET = "/run/user/1000/docker.sock";

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

const ROOTFUL = `[Unit]
Description=Docker engine
DefaultDependencies=no

[Service]
Type=notify
ExecStart=/usr/sbin/dockerd
${COMMON}
`;

// Its own network would by default have the addresses that the guest's has.
const ROOTLESS = `[Unit]
Description=Docker engine of the agent
DefaultDependencies=no

[Service]
Type=notify
NotifyAccess=all
User=agent
Environment=HOME=/home/agent XDG_RUNTIME_DIR=/run/user/1000
Environment=DOCKERD_ROOTLESS_ROOTLESSKIT_NET=slirp4netns "DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS=--cidr=10.41.0.0/24"
ExecStart=/usr/share/docker.io/contrib/dockerd-rootless.sh --config-file /etc/docker/daemon.json
${COMMON}
`;

// Standard input: a line with the most that the store may take of the RAM, then the engine's configuration.
const STARTER = `#!/bin/sh
# docker-start STORE OWNER: gives the engine its store and its configuration, and starts it.
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
chown "$2" "$1"
chmod 0710 "$1"
if [ "$2" != root ]; then
  install -d -o "$2" -g "$2" -m 0700 /run/user/1000
  chmod 0666 /dev/net/tun # as udev does, which is not here
fi
exec systemctl start --no-block ${UNIT}
`;

/** The engine's unit and what starts it. */
export function engineFiles(rootless: boolean): readonly RecipeFile[] {
  return [
    { path: `/usr/lib/systemd/system/${UNIT}`, content: rootless ? ROOTLESS : ROOTFUL },
    { path: "/usr/lib/cloche/docker-start", content: STARTER, mode: 0o755 },
  ];
}
