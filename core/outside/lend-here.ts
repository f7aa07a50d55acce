// Loaded before a plugin's tests, so that they find cloche as the plugin does.
import { lendModules } from "./lend-modules.ts";

lendModules();
