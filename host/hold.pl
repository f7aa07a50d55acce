#!/usr/bin/perl
# Goes into the mount namespace of a jailed program and mounts paths of a share over themselves, so that the program can neither
# replace nor, where that is asked, change them. It holds the jail's user namespace and nothing outside of it, and lives as long as
# its standard input. Usage: hold.pl PID ARCH; a request a line: `MODE ROOT PATH PLACE`, paths in hexadecimal, where
#   MODE   ro: nothing may change it; rw: it cannot be renamed or removed; no: it is covered by something empty that nothing may change
#   PLACE  -: it must be there; dir, or file:HEX: what to make when it is absent
# Answer: `held DEV INO dir|file made|there`, or `no ERRNO`. A path that is held already stays as it is.
use strict;
use warnings;

my ($pid, $arch) = @ARGV;
$pid =~ /^\d+$/ or die "bad process\n";
my %numbers = (
  x64 => { setns => 308, mkdirat => 258, statx => 332 },
  arm64 => { setns => 268, mkdirat => 34, statx => 291 },
);
my $number = $numbers{$arch} or die "no such architecture\n";
# One number on every architecture, see the kernel's scripts/syscall.tbl.
my ($OPEN_TREE, $MOVE_MOUNT, $OPENAT2, $MOUNT_SETATTR) = (428, 429, 437, 442);
my ($O_WRONLY, $O_CREAT, $O_EXCL, $O_DIRECTORY, $O_NOFOLLOW, $O_CLOEXEC, $O_PATH) = (01, 0100, 0200, 0200000, 0400000, 02000000, 010000000);
($O_DIRECTORY, $O_NOFOLLOW) = (040000, 0100000) if $arch eq "arm64";
my ($EMPTY_PATH, $CLONE, $T_EMPTY_PATH, $F_EMPTY_PATH) = (0x1000, 1, 0x40, 0x4);
my ($BENEATH, $NO_SYMLINKS) = (0x08, 0x04);
my $RDONLY = 1;
my $nothing = "";
my %held;

# _IO(0xb7, 1), NS_GET_USERNS: the user namespace that the mounts belong to, which is not the program's own.
open(my $mounts, "<", "/proc/$pid/ns/mnt") or die "the jail's mounts: $!\n";
my $users = ioctl($mounts, 0xb701, 0);
defined $users or die "the jail's users: $!\n";
syscall($number->{setns}, 0 + $users, 0) == 0 or die "entering the jail's users: $!\n";
syscall($number->{setns}, fileno($mounts), 0) == 0 or die "entering the jail's mounts: $!\n";
umask 022;

# A descriptor that closes when it goes out of scope.
package Handle {
  sub of { my ($class, $fd) = @_; return $fd < 0 ? undef : bless \$fd, $class }
  sub fd { ${ $_[0] } }
  sub DESTROY {
    my ($self) = @_;
    local $!;
    open(my $file, "<&=", $$self) or return;
    close($file);
  }
}

sub openat {
  my ($at, $path, $flags, $resolve, $mode) = @_;
  my $how = pack("QQQ", $flags | $O_CLOEXEC, $mode // 0, $resolve);
  return Handle->of(syscall($OPENAT2, $at, $path, $how, length $how));
}

# Device and inode in one word, the number of the mount, and whether it is a directory.
sub look {
  my ($handle) = @_;
  my $buffer = "\0" x 256;
  syscall($number->{statx}, $handle->fd, $nothing, $EMPTY_PATH, 0x1fff, $buffer) == 0 or return;
  my ($mode, $ino) = (unpack("S", substr($buffer, 0x1c, 2)), unpack("Q", substr($buffer, 0x20, 8)));
  my ($major, $minor, $mount) = (unpack("LL", substr($buffer, 0x88, 8)), unpack("Q", substr($buffer, 0x90, 8)));
  return { dev => "$major:$minor", ino => $ino, mount => $mount, dir => ($mode & 0170000) == 0040000 };
}

sub make {
  my ($parent, $name, $place) = @_;
  return syscall($number->{mkdirat}, $parent->fd, $name, 0755) == 0 if $place eq "dir";
  my $file = openat($parent->fd, $name, $O_WRONLY | $O_CREAT | $O_EXCL | $O_NOFOLLOW, $NO_SYMLINKS | $BENEATH, 0644) or return;
  my $content = pack("H*", substr($place, 5));
  open(my $out, ">&", $file->fd) or return;
  return (print $out $content) && close($out);
}

# An empty directory or file of the jail's own, to cover something with; it is no more than that, whoever writes to it.
sub emptiness {
  my ($dir) = @_;
  my $path = $dir ? "/tmp/nothing.d" : "/tmp/nothing";
  if ($dir) { mkdir $path, 0555 or $!{EEXIST} or return }
  else { openat(-100, $path, $O_CREAT | $O_NOFOLLOW, $NO_SYMLINKS, 0444) or return }
  return openat(-100, $path, $O_PATH | $O_NOFOLLOW, $NO_SYMLINKS);
}

sub hold {
  my ($mode, $root, $path, $place) = @_;
  my $share = openat(-100, $root, $O_PATH | $O_DIRECTORY | $O_NOFOLLOW, $NO_SYMLINKS) or return;
  my ($above, $name) = $path =~ m{^(?:(.*)/)?([^/]+)$}s or do { $! = 22; return };
  my $parent = openat($share->fd, defined $above ? $above : ".", $O_PATH | $O_DIRECTORY | $O_NOFOLLOW, $NO_SYMLINKS | $BENEATH) or return;
  my $find = sub { openat($parent->fd, $name, $O_PATH | $O_NOFOLLOW, $NO_SYMLINKS | $BENEATH) };
  my $made = "there";
  my $target = $find->();
  if (!$target && $!{ENOENT} && $place ne "-") {
    make($parent, $name, $place) and $made = "made" or $!{EEXIST} or return;
    $target = $find->();
  }
  $target or return;
  my $found = look($target) or return;
  # A mount that is not ours, such as one of the host's inside the project, is covered too.
  if (!$held{"$root $path $found->{mount} $found->{dev} $found->{ino}"}) {
    my $shown = $mode eq "no" ? emptiness($found->{dir}) : $target;
    $shown or return;
    my $tree = Handle->of(syscall($OPEN_TREE, $shown->fd, $nothing, $CLONE | $EMPTY_PATH | $O_CLOEXEC)) or return;
    if ($mode ne "rw") {
      my $attributes = pack("QQQQ", $RDONLY, 0, 0, 0);
      syscall($MOUNT_SETATTR, $tree->fd, $nothing, $EMPTY_PATH, $attributes, length $attributes) == 0 or return;
    }
    syscall($MOVE_MOUNT, $tree->fd, $nothing, $target->fd, $nothing, $F_EMPTY_PATH | $T_EMPTY_PATH) == 0 or return;
    my $on_top = $find->() or return;
    my $now = look($on_top) or return;
    $held{"$root $path $now->{mount} $now->{dev} $now->{ino}"} = 1;
  }
  return join " ", $found->{dev}, $found->{ino}, $found->{dir} ? "dir" : "file", $made;
}

$| = 1;
print "ready\n";
while (my $line = <STDIN>) {
  my ($mode, $root, $path, $place) = $line =~ m{^(ro|rw|no) ([0-9a-f]+) ([0-9a-f]+) (-|dir|file:[0-9a-f]*)\n$} or die "bad request\n";
  my $held = hold($mode, pack("H*", $root), pack("H*", $path), $place);
  print defined $held ? "held $held\n" : "no " . (0 + $!) . "\n";
}
