import type { Need } from "../../core/doctor/needs.ts";

/** The package of one name under every package manager. */
function everywhere(name: string): Need["packages"] {
  return { apt: name, dnf: name, pacman: name, zypper: name, apk: name };
}

/** What only the tests use of the host. */
export const TEST_NEEDS: readonly Need[] = [
  { id: "git", programs: ["git"], purpose: "repositories for the tests", packages: everywhere("git") },
  { id: "openssl", programs: ["openssl"], purpose: "certificates for the tests", packages: everywhere("openssl") },
  {
    id: "sshd",
    programs: ["sshd"],
    purpose: "an SSH server for the tests; the tests start their own, the system's is not needed",
    packages: { ...everywhere("openssh-server"), pacman: "openssh" },
  },
  { id: "tmux", programs: ["tmux"], purpose: "a terminal whose screen the tests read", packages: everywhere("tmux") },
  { id: "python", programs: ["python3"], purpose: "a pseudo-terminal for the tests", packages: { ...everywhere("python3"), pacman: "python" } },
  {
    id: "java",
    programs: ["java", "javac", "keytool"],
    purpose: "a JVM that the tests put behind the gateway",
    packages: { apt: "default-jdk-headless", dnf: "java-latest-openjdk-devel", pacman: "jdk-openjdk", zypper: "java-devel", apk: "openjdk21" },
  },
  { id: "pip", programs: ["pip3"], purpose: "a client that the tests carry into a guest", packages: { apt: "python3-pip", dnf: "python3-pip", pacman: "python-pip", zypper: "python3-pip", apk: "py3-pip" } },
  { id: "curl", programs: ["curl"], purpose: "a client that the tests put behind the gateway", packages: everywhere("curl") },
  { id: "htop", programs: ["htop"], purpose: "another one, in colours, that draws itself anew", packages: everywhere("htop") },
  { id: "vim", programs: ["vim"], purpose: "a full-screen program whose screen is compared", packages: everywhere("vim") },
  { id: "less", programs: ["less"], purpose: "another one", packages: everywhere("less") },
  { id: "xclip", programs: ["xclip"], purpose: "a clipboard for the tests", packages: everywhere("xclip") },
  {
    id: "xvfb",
    programs: ["Xvfb"],
    purpose: "an X server without a screen, for that clipboard",
    packages: { apt: "xvfb", dnf: "xorg-x11-server-Xvfb", pacman: "xorg-server-xvfb", zypper: "xorg-x11-server-Xvfb", apk: "xvfb" },
  },
  {
    id: "man",
    programs: ["man"],
    purpose: "shows the man page",
    packages: { apt: "man-db", dnf: "man-db", pacman: "man-db", zypper: "man", apk: "mandoc" },
  },
  { id: "zsh", programs: ["zsh"], purpose: "a shell whose completions are tested", packages: everywhere("zsh") },
  { id: "fish", programs: ["fish"], purpose: "another one", packages: everywhere("fish") },
  { id: "direnv", programs: ["direnv"], purpose: "a program that runs what a project says, for the tests", packages: everywhere("direnv") },
];
