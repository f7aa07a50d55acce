#!/usr/bin/perl -w
# Starts what keeps a jail's network: a process in namespaces of its own where there is only `lo`, which lives as long as its standard
# input. It writes its number and reads lines: by a range (CIDR) the addresses of that range become local there, by an empty line it
# writes its number again. Usage: network.pl [PROGRAM ARGUMENT…]. With a program it becomes that one, and keeps the network beside it:
# CLOCHE_NETWORK_AHEAD has the descriptors that lead to its standard input, output and error there.
use strict;

my @program = @ARGV;

# bwrap brings `lo` up. Whoever listens in here has no capability, so no port may need one; the sysctl is the namespace's own.
my $HOLD = <<'END';
echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start || exit 1
echo "$$"
while IFS= read -r range; do
  if [ -z "$range" ]; then echo "$$"; else ip route add local "$range" dev lo <&- || exit 1; fi
done
END

# /usr, and what stands beside it as it is on this host.
sub system_tree {
  return ("--ro-bind", "/usr", "/usr", map { -l $_ ? ("--symlink", readlink, $_) : -d _ ? ("--ro-bind", $_, $_) : () }
    qw(/bin /sbin /lib /lib32 /lib64 /libx32));
}

# What whoever started us left open is not the keeper's to hold, since others may wait for its end.
sub close_others {
  opendir my $open, "/proc/self/fd" or return;
  my @others = grep { /^\d+$/ && $_ > 2 } readdir $open;
  closedir $open;
  for (@others) {
    open my $other, "<&=", $_ or next;
    close $other;
  }
}

sub keep {
  close_others();
  chdir "/";
  # never the PATH of the user, which may hold a directory of the project
  %ENV = (PATH => "/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin");
  exec @_, "bwrap", qw(--unshare-user --unshare-net --unshare-ipc --unshare-uts --uid 1000 --gid 1000),
    qw(--cap-drop ALL --cap-add CAP_NET_ADMIN --new-session --clearenv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin),
    system_tree(), qw(--bind /proc /proc --chdir / -- /bin/sh -c), $HOLD;
  die "bwrap: $!\n";
}

# As a shell would, also where there is no such program.
sub become {
  local $^W = 0;
  exec { $program[0] } @program or print STDERR "cloche: $program[0]: $!\n";
  exit 127;
}

# Node closes descriptors up to 15 to its children, so no other may be left open in it.
sub is_for_node { return fileno($_[0]) <= 15 }

keep() if !@program;
delete $ENV{PERL_BADLANG};
$^F = 15;
pipe(my $in, my $toIn) && pipe(my $fromOut, my $out) && pipe(my $fromErr, my $err) or become();
become() if grep { !is_for_node($_) } $toIn, $fromOut, $fromErr;
my $middle = fork // become();
if ($middle == 0) {
  # nobody's child, since the program that we become knows of none
  my $keeper = fork;
  exit if !defined $keeper || $keeper;
  close $_ for $toIn, $fromOut, $fromErr;
  open(STDIN, "<&", $in) && open(STDOUT, ">&", $out) && open(STDERR, ">&", $err) or exit 1;
  close $_ for $in, $out, $err;
  # what the terminal says to us is not meant for it
  keep("setsid");
}
waitpid $middle, 0;
close $_ for $in, $out, $err;
$ENV{CLOCHE_NETWORK_AHEAD} = join " ", map { fileno $_ } $toIn, $fromOut, $fromErr;
become();
