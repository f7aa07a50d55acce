// Lets the agent's user become root in the guest, with all that root can do there, so that tests attack as root.
import { definePlugin } from "cloche";
import { z } from "zod";

export default definePlugin({
  name: "root-door",
  description: "Root for the tests.",
  options: z.strictObject({}),
  onByDefault: true,
  async provision(guest) {
    await guest.run(["install", "-m", "4755", "/usr/bin/setpriv", "/usr/local/bin/become"]);
  },
});
