/** The guest's own address on QEMU's user network (slirp's default network). */
export const GUEST_ADDRESS = "10.0.2.15";

/** What the guest calls its router; slirp turns connections to it into connections to 127.0.0.1 of the jail's network. */
export const HOST_ADDRESS = "10.0.2.2";

/** Where the guest dials for SSH, and where our listener stands on 127.0.0.1 of the jail's network. */
export const SSH_PORT = 22;

/** Where the guest asks for names. */
export const DNS_PORT = 53;
