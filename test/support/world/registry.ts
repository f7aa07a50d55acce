import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tarOf } from "../../../core/image/tar.ts";

const TYPES = "application/vnd.docker.";

/** Lays out a Docker image of one file below a web server's folder, as a registry would serve it to whoever pulls `NAME:latest`. */
export function layOutImage(folder: string, name: string, file: { readonly path: string; readonly content: string }): void {
  const image = join(folder, "v2/library", name);
  for (const part of ["manifests", "blobs"]) mkdirSync(join(image, part), { recursive: true });
  const keep = (type: string, content: Buffer) => {
    const digest = digestOf(content);
    writeFileSync(join(image, "blobs", digest), content);
    return { mediaType: `${TYPES}${type}`, size: content.length, digest };
  };
  const tar = tarOf([file]);
  const layer = keep("image.rootfs.diff.tar.gzip", gzipSync(tar));
  const about = { architecture: "amd64", os: "linux", config: { Cmd: [file.path] }, rootfs: { type: "layers", diff_ids: [digestOf(tar)] }, history: [{ created_by: "a test" }] };
  const config = keep("container.image.v1+json", Buffer.from(JSON.stringify(about)));
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: `${TYPES}distribution.manifest.v2+json`, config, layers: [layer] });
  for (const reference of ["latest", digestOf(Buffer.from(manifest))]) writeFileSync(join(image, "manifests", reference), manifest);
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
