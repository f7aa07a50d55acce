// What `npm run build` runs: compiles when the sources changed, under the lock that starts take too.
import { bootstrap, say } from "./bootstrap.mjs";

try {
  await bootstrap();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
