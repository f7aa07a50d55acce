const NETWORK = "CLOCHE_NETWORK_AHEAD";

let network: string | undefined;

/**
 * Hears what bin/cloche tells the process that it becomes, and has nobody else hear of it: what it tells are numbers of descriptors, which
 * mean something in this process only. To be called before anything is started.
 */
export function hearLauncher(env: NodeJS.ProcessEnv): void {
  network = env[NETWORK];
  delete env[NETWORK];
}

/** What it told of the network that it had made meanwhile (host/network.pl), which is there once. */
export function networkTold(): string | undefined {
  const told = network;
  network = undefined;
  return told;
}
