import type { RecipeFile } from "../../../core/index.ts";

/** Where the engine's own messages go. */
export const LOG = "/run/cloche-docker.log";

/** The units that run the engine as root and as the agent's user; nothing starts one but the session, when all that it reads is in place. */
export const UNITS = { rootful: "cloche-docker.service", rootless: "cloche-docker-rootless.service" } as const;

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
// A kernel lets a user's own namespaces have a proc of theirs only where they see one that nothing is mounted over. The guest's has the
// session's boot id over that of the template, so there is another one, where root alone finds it.
const STARTER = `#!/bin/sh
# docker-start UNIT STORE OWNER: gives the engine its store and its configuration, and starts it. In a machine that goes on as another
# session all of it may be there.
set -eu
umask 022
read -r size
mkdir -p "$2" /etc/docker
cat >/etc/docker/daemon.json
if mountpoint -q "$2"; then
  :
elif mountpoint -q /scratch; then
  mkdir -p /scratch/.docker
  mount --bind /scratch/.docker "$2"
else
  mount -t tmpfs -o "size=$size" docker "$2"
fi
chown "$3" "$2"
chmod 0710 "$2"
if [ "$3" != root ]; then
  install -d -o "$3" -g "$3" -m 0700 /run/user/1000
  ln -sf user/1000/docker.sock /run/docker.sock
  chmod 0666 /dev/net/tun # as udev does, which is not here
  mkdir -p /run/cloche/proc
  mountpoint -q /run/cloche/proc || mount -t proc proc /run/cloche/proc
fi
exec systemctl start --no-block "$1"
`;

/** The engine's units and what starts them: one image has both. */
export const ENGINE_FILES: readonly RecipeFile[] = [
  { path: `/usr/lib/systemd/system/${UNITS.rootful}`, content: ROOTFUL },
  { path: `/usr/lib/systemd/system/${UNITS.rootless}`, content: ROOTLESS },
  { path: "/usr/lib/cloche/docker-start", content: STARTER, mode: 0o755 },
];
