import { failures } from "../support/errors.ts";

/** How offering ports of the guest on the host can fail. */
export const fail = failures({
  PORT_INVALID: (f: { text: string }) => ({
    message: `"${f.text.slice(0, 40)}" is no port.`,
    hint: "Write a number from 1 to 65535.",
  }),
  PORT_OPEN_ALREADY: (f: { port: number; at: number }) => ({
    message: `The guest's port ${f.port} is open at 127.0.0.1:${f.at} already.`,
    hint: `Close it first with "cloche port close ${f.port}".`,
  }),
  PORT_NOT_OPEN: (f: { port: number; open: readonly number[] }) => ({
    message: `The guest's port ${f.port} is not open on the host.`,
    hint: f.open.length > 0 ? `Open are: ${f.open.join(", ")}.` : "None is.",
  }),
  PORT_TAKEN: (f: { at: number; reason: string }) => ({
    message: `Port ${f.at} of 127.0.0.1 cannot be had: ${f.reason}.`,
    hint: "Choose another with --at PORT; --at 0 takes any that is free.",
  }),
  PORTS_MANY: (f: { most: number }) => ({
    message: `${f.most} ports of this session are open already.`,
    hint: 'Close one with "cloche port close PORT".',
  }),
});
