/** What a device's property may be in QEMU's arguments. */
export type QemuProperties = Readonly<Record<string, string | number | boolean>>;

/** One argument of QEMU: it splits at commas, so a comma inside a value, such as a directory's name, is written twice. */
export function qemuValue(kind: string, properties: QemuProperties = {}): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${textOf(value)}`);
  return [kind, ...pairs].join(",");
}

function textOf(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return String(value).replaceAll(",", ",,");
}
