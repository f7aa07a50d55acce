import { failed, ok, unmeasured, type Check } from "../check.ts";

/** What reading the images in the cache to their last byte showed. */
export interface ImageReport {
  readonly id: string;
  /** Undefined when it is whole. */
  readonly damage: string | undefined;
}

export type ImageInspection = () => Promise<readonly ImageReport[]>;

/** The images in the cache, read and hashed in full. */
export function image(inspect: ImageInspection): Check {
  return {
    id: "image",
    title: "Images",
    async run() {
      const reports = await inspect();
      if (reports.length === 0) return unmeasured(`none yet; "cloche build" makes one, and so does the first start`);
      const damaged = reports.filter((report) => report.damage !== undefined);
      if (damaged.length === 0) return ok(`${reports.length} whole`);
      return failed(damaged.map(({ id, damage }) => `${id}: ${damage}`).join("; "), `Run: cloche build --rebuild`);
    },
  };
}
