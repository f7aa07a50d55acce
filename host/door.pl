#!/usr/bin/perl
# Opens sockets in the network that it was started in, and hands them over. Usage: door.pl ARCH, with Node's channel as descriptor 3;
# a request a line: `tcp|udp ADDRESS PORT`, the address an IPv4 one. It answers over the channel as a child of Node's would: with the
# handle, or with {"error": ERRNO}. It lives as long as its standard input.
use strict;
use warnings;

my ($arch) = @ARGV;
# On both of our architectures the same, see socket(2), fcntl(2) and unix(7).
my ($AF_INET, $STREAM, $DATAGRAM, $NONBLOCK, $CLOEXEC) = (2, 1, 2, 04000, 02000000);
my ($SOL_SOCKET, $REUSEADDR, $RIGHTS, $BACKLOG) = (1, 2, 1, 511);
my %numbers = (x64 => 46, arm64 => 211);
my $sendmsg = $numbers{$arch} or die "no such architecture\n";
my $message = '{"cmd":"NODE_HANDLE","type":%s,"msg":{}}' . "\n";
my %types = (tcp => '"net.Server"', udp => '"dgram.Socket","dgramType":"udp4"');

open(my $channel, "+<&=", 3) or die "no channel: $!\n";

sub opened {
  my ($protocol, $address, $port) = @_;
  my $isTcp = $protocol eq "tcp";
  socket(my $socket, $AF_INET, ($isTcp ? $STREAM : $DATAGRAM) | $NONBLOCK | $CLOEXEC, 0) or return;
  # what was closed a moment ago must not be in the way
  !$isTcp || setsockopt($socket, $SOL_SOCKET, $REUSEADDR, pack("i", 1)) or return;
  bind($socket, pack("S n C4 x8", $AF_INET, $port, split(/\./, $address))) or return;
  !$isTcp || listen($socket, $BACKLOG) or return;
  return $socket;
}

# A struct msghdr with one piece of text and one descriptor, see sendmsg(2) and cmsg(3).
sub hand_over {
  my ($socket, $text) = @_;
  my $rights = pack("Q i i i x4", 20, $SOL_SOCKET, $RIGHTS, fileno $socket);
  my $piece = pack("P Q", $text, length $text);
  my $header = pack("x8 x8 P Q P Q x8", $piece, 1, $rights, length $rights);
  syscall($sendmsg, fileno $channel, $header, 0) == length $text or die "handing over: $!\n";
}

while (my $line = <STDIN>) {
  my ($protocol, $address, $port) = $line =~ /^(tcp|udp) (\d+\.\d+\.\d+\.\d+) (\d+)\n$/ or die "bad request\n";
  my $socket = opened($protocol, $address, $port);
  if ($socket) { hand_over($socket, sprintf $message, $types{$protocol}) }
  else { syswrite $channel, '{"error":' . (0 + $!) . "}\n" }
  # Node says that it has it; our copy may not be closed before, nor may another be sent.
  !$socket || (readline($channel) // "") =~ /"NODE_HANDLE_ACK"/ or die "it was not taken\n";
}
