import { Place } from "../../test/support/place.ts";
import { sampled, timed, type Group } from "../bench.ts";

/** The program alone, without a machine. */
export const program: Group = async ({ runs }) => {
  using place = new Place();
  await timed(place, ["--version"]); // compiles what changed
  return [
    await sampled({ name: "cloche --version", unit: "ms", target: 150 }, runs * 4, () => timed(place, ["--version"])),
    await sampled({ name: "cloche ls", unit: "ms", target: 200 }, runs * 4, () => timed(place, ["ls"])),
  ];
};
