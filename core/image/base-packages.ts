/** What every image contains: what a machine needs to be one, and what a coding agent reaches for in any project. */
export const BASE_PACKAGES: readonly string[] = [
  // the machine
  "systemd",
  "systemd-sysv",
  "kmod",
  "openssh-server",
  "ca-certificates",
  "openssl",
  "iproute2",
  "procps",
  // the agent's tools
  "bzip2",
  "curl",
  "file",
  "git",
  "jq",
  "less",
  "openssh-client",
  "patch",
  "python3",
  "ripgrep",
  "unzip",
  "vim-tiny",
  "xz-utils",
  "zip",
  "zstd",
];
