// Runs inside the jail's network in the guest's place: makes the connections it is asked for and passes their handles out.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

process.on("disconnect", () => process.exit());
process.on("message", ({ id, protocol, address, port }: { id: number; protocol: string; address: string; port: number }) => {
  if (protocol === "udp") {
    const socket = createSocket("udp4");
    // as long as this copy is open too, it takes half of what comes
    socket.bind({ address: "127.0.0.1", port: 0 }, () => process.send?.({ id }, socket, {}, () => socket.close()));
    return;
  }
  const socket = connect({ host: address, port, allowHalfOpen: true });
  socket.once("error", (error: NodeJS.ErrnoException) => process.send?.({ id, code: error.code }));
  socket.once("connect", () => process.send?.({ id }, socket));
});
