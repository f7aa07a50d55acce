import { definePlugin, failures, isFailure, messageOf, z } from "cloche";
import { DATA_IN_MEMORY, MAKE_TEMPLATE, SERVICE, SERVICE_FILE, START } from "./guest.ts";

const fail = failures({
  POSTGRES_NOT_STARTED: (f: { reason: string }) => ({
    message: `PostgreSQL did not start in the guest: ${f.reason}`,
    hint: `Look at its journal: cloche shell --enable postgres, then journalctl -u ${SERVICE}.`,
  }),
});

const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "Write small letters, digits and underscores");

/** PostgreSQL for a project's tests: ready before the agent, thrown away with the machine. */
export default definePlugin({
  name: "postgres",
  api: 1,
  description: "A PostgreSQL server in the guest, ready before the agent starts and gone with the machine.",
  options: z.strictObject({
    databases: z.array(name).min(1).max(20).default(["app"]).describe("Databases that are there from the start; DATABASE_URL names the first"),
    port: z.int().min(1024).max(65_535).default(5432).describe("TCP port in the guest; it also listens on its usual Unix socket"),
    extensions: z
      .array(z.string().regex(/^postgresql-[a-z0-9.-]+$/, "Write the name of a Debian package, such as postgresql-17-pgvector"))
      .default([])
      .describe("Debian packages of extensions, such as postgresql-17-pgvector"),
  }),

  build(recipe, { options }) {
    recipe.addPackages("postgresql", ...options.extensions);
    recipe.addFile({ path: `/usr/lib/systemd/system/${SERVICE}`, content: SERVICE_FILE });
    recipe.addCommand(MAKE_TEMPLATE);
  },

  async provision(guest, { options, progress, log }) {
    progress.update(undefined, "starting PostgreSQL");
    const deadlineMs = 100_000;
    try {
      const { stdout } = await guest.run(["sh", "-euc", START, "sh", String(options.port), ...options.databases], { deadlineMs });
      log("its data is in %s", stdout.trim() || DATA_IN_MEMORY);
    } catch (cause) {
      throw isFailure(cause, "GUEST_COMMAND_FAILED") ? fail("POSTGRES_NOT_STARTED", { reason: messageOf(cause) }, { cause }) : cause;
    }
  },

  attach(launch, { options }) {
    launch.addEnvironment("PGHOST", "/run/postgresql");
    launch.addEnvironment("PGPORT", String(options.port));
    launch.addEnvironment("PGDATABASE", options.databases[0] ?? "");
    launch.addEnvironment("DATABASE_URL", `postgresql://agent@127.0.0.1:${options.port}/${options.databases[0]}`);
  },
});
