/** The unit that runs the server. */
export const SERVICE = "cloche-postgres.service";

const TEMPLATE = "/var/lib/cloche-postgres/data";
/** Where the data is without a scratch disk: on the guest's root, whose changes are in its memory. */
export const DATA_IN_MEMORY = TEMPLATE;
const SCRATCH = "/scratch";

/** Type notify: systemd knows when it answers. Nothing of it outlives the machine, so it need not wait for disks. */
export const SERVICE_FILE = `[Unit]
Description=PostgreSQL for the project's tests

[Service]
Type=notify
User=postgres
RuntimeDirectory=postgresql
RuntimeDirectoryPreserve=yes
EnvironmentFile=/run/cloche-postgres.env
ExecStart=/bin/sh -c 'exec /usr/lib/postgresql/*/bin/postgres -D "$DATA" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories=/run/postgresql -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_wal_size=256MB'
TimeoutStartSec=90
`;

/** Once, in the image: Debian's own cluster goes, and an empty one of ours is made, which is what takes long. */
export const MAKE_TEMPLATE = [
  "rm -rf /var/lib/postgresql/* /etc/postgresql/*",
  `install -d -o postgres -g postgres -m 0700 ${TEMPLATE}`,
  // everybody in this guest is the agent
  `cd / && runuser -u postgres -- sh -c '/usr/lib/postgresql/*/bin/initdb --pgdata=${TEMPLATE} --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null'`,
].join(" && ");

/** At each start, as root: $1 is the port, the rest are databases. Says where the data is. */
export const START = `
port=$1; shift
data=${TEMPLATE}
if mountpoint -q ${SCRATCH}; then
  data=${SCRATCH}/postgres
  [ -d "$data" ] || cp -a ${TEMPLATE} "$data"
fi
printf 'DATA=%s\\nPORT=%s\\n' "$data" "$port" >/run/cloche-postgres.env
systemctl start ${SERVICE}
{
  echo 'CREATE ROLE agent SUPERUSER LOGIN;'
  for name; do echo "CREATE DATABASE \\"$name\\" OWNER agent;"; done
} | runuser -u postgres -- psql --quiet --no-psqlrc --host=/run/postgresql --port="$port" --set=ON_ERROR_STOP=1 postgres
echo "$data"
`;
